// Responsible for: the owner's dialog that changes who can join and the fence, for everybody at once, once they have
// read what would differ (Proposed.tsx).
// Not responsible for: signing it, or telling the others (the core).
import { useEffect, useState, type SubmitEvent } from "react";
import { t } from "../../messages";
import type { MeetingClient, NodeInfo, RulesChange } from "../../state/client";
import { modeOf, type State } from "../../state/state";
import { FencePicker } from "../home/FencePicker";
import css from "../home/NewMeeting.module.css";
import { FormEnd } from "../home/FormEnd";
import { useForm } from "../home/useForm";
import { KEPT, pending, refusal, useFences } from "../home/useFences";
import { WhoCanJoin } from "../home/WhoCanJoin";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import { Window } from "../parts/Window";
import { Proposed } from "./Proposed";

interface RulesProps {
  state: State;
  client: MeetingClient;
  onClose: () => void;
}

/** Of all windows: an answer that comes late is another's. */
let questions = 0;

export function Rules({ state, client, onClose }: RulesProps) {
  // As it was when this window opened: what is not touched here is not sent, whatever changes meanwhile.
  const [before] = useState(state.meeting?.admission ?? "link");
  const [admission, setAdmission] = useState(before);
  const [node, setNode] = useState<NodeInfo | null>(null);
  /** What would come of this is looked at. */
  const [asked, setAsked] = useState<{ id: number; change: RulesChange } | null>(null);
  const form = useForm();
  const fences = useFences(client.directory, pinned(state), state.place?.fence_name ?? "");
  const keeps = fences.chosen.id === KEPT;
  useEffect(() => {
    // Without it the one hint about this server's address is missing, and nothing else.
    client.directory.node().then(setNode, () => undefined);
  }, [client]);
  const away = state.phase !== "in";
  const same = keeps && admission === before;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (away) return;
    const blocked = keeps ? null : refusal(fences);
    if (blocked) {
      form.refuse(blocked);
      return;
    }
    const change: RulesChange = admission === before ? {} : { admission };
    if (!keeps && fences.chosen.preview) change.policy = fences.chosen.preview.policy;
    const id = ++questions;
    setAsked({ id, change });
    client.propose(id, change);
  };
  if (asked !== null) {
    const { id, change } = asked;
    const confirm = (version: number) => {
      client.amend({ ...change, version });
      onClose();
    };
    return (
      <Window title={t("rules.see.title")} onClose={onClose}>
        <Proposed state={state} id={id} onBack={() => setAsked(null)} onConfirm={confirm} />
      </Window>
    );
  }
  return (
    <Window title={t("rules.change")} onClose={onClose}>
      <form className={css.form} onSubmit={submit} onChange={form.changed} noValidate>
        <p>{t("rules.lead")}</p>
        <WhoCanJoin admission={admission} onChoose={setAdmission} />
        {admission === "link" && modeOf(state) === "lobby" && (
          <p className={parts.hint}>
            {t(before === "link" ? "rules.link.removed" : "rule.unless")}
          </p>
        )}
        <FencePicker fences={fences} node={node} />
        <FormEnd
          form={form}
          sticky
          confirm={t("rules.see")}
          disabled={same || pending(fences)}
          away={away}
          status={away && t("away.text")}
          onCancel={onClose}
        />
      </form>
    </Window>
  );
}

/** The beacons that the charter names, as far as they were heard of: these stay what they are. */
const pinned = ({ place }: State): string[] => {
  const trips = place?.nodes.flatMap(({ trips = [] }) => trips) ?? [];
  return [...new Set(trips.filter(({ beacon }) => beacon === "pinned").map((one) => one.observer))];
};

/** The way there, from each panel that shows a rule. */
export function ChangeRules({ state, client }: Omit<RulesProps, "onClose">) {
  const [open, setOpen] = useState(false);
  if (!state.meeting?.owner) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("rules.change")}</Button>
      {open && <Rules state={state} client={client} onClose={() => setOpen(false)} />}
    </>
  );
}
