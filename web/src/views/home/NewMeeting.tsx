// Responsible for: the dialog that makes a meeting: its name, its fence, who can join; then the link.
// Not responsible for: keys and charter (the Directory makes them) or what a fence allows (the core).
import { useEffect, useRef, useState, type SubmitEvent } from "react";
import { t } from "../../messages";
import type { Directory, NodeInfo } from "../../state/client";
import type { Admission } from "../../state/events";
import { Line } from "../parts/Field";
import { Window } from "../parts/Window";
import { BeaconChoice } from "./BeaconChoice";
import { FencePicker } from "./FencePicker";
import { FormEnd } from "./FormEnd";
import { LinkReady } from "./LinkReady";
import css from "./NewMeeting.module.css";
import { useBeacons } from "./useBeacons";
import { OWN, pending, refusal, useFences } from "./useFences";
import { useForm, type Check } from "./useForm";
import { WhoCanJoin } from "./WhoCanJoin";

interface NewMeetingProps {
  directory: Directory;
  node: NodeInfo | null;
  onClose: () => void;
}

interface Made {
  link: string;
  draft: number;
  admission: Admission;
}

export function NewMeeting({ directory, node, onClose }: NewMeetingProps) {
  const [made, setMade] = useState<Made | null>(null);
  const close = () => {
    if (made) directory.lockKeys(made.draft);
    onClose();
  };
  return (
    <Window title={made ? t("new.ready") : t("new.title")} firm={made !== null} onClose={close}>
      {made ? (
        <LinkReady
          {...made}
          onCopyKeys={(passphrase) => directory.copyKeys(made.draft, passphrase)}
        />
      ) : (
        <Form directory={directory} node={node} onClose={onClose} onMade={setMade} />
      )}
    </Window>
  );
}

function Form({
  directory,
  node: before,
  onClose,
  onMade,
}: NewMeetingProps & { onMade: (m: Made) => void }) {
  const [title, setTitle] = useState("");
  const [admission, setAdmission] = useState<Admission>("link");
  const [node, setNode] = useState(before);
  const form = useForm<"nameless" | "keys">();
  const name = useRef<HTMLInputElement>(null);
  const keys = useRef<HTMLInputElement>(null);
  const beacons = useBeacons(node);
  const fences = useFences(directory, beacons.chosen);
  useEffect(() => {
    // It may have other beacons than when this page was opened. Without an answer, what it said then has to do.
    directory.node().then(setNode, () => undefined);
  }, [directory]);
  const submit = (event: SubmitEvent) => {
    const checks: Check<"nameless" | "keys">[] = [
      { fault: "nameless", wrong: title.trim() === "", field: name },
      { fault: "keys", wrong: beacons.wrong, field: keys },
    ];
    form.submit(event, checks, async () => {
      const blocked = refusal(fences);
      if (blocked) {
        form.refuse(blocked);
        return;
      }
      const choice = { title: title.trim(), admission, fence: fences.choice };
      const { link, draft } = await directory.createMeeting(choice);
      onMade({ link, draft, admission });
    });
  };
  return (
    <form className={css.form} onSubmit={submit} onChange={form.changed} noValidate>
      <Line
        label={t("new.name")}
        hint={t("new.name.hint")}
        value={title}
        autoFocus
        ref={name}
        maxLength={120}
        autoComplete="off"
        invalid={form.fault === "nameless" ? t("new.name.missing") : undefined}
        onChange={(event) => setTitle(event.target.value)}
      />
      <WhoCanJoin admission={admission} onChoose={setAdmission} />
      <FencePicker fences={fences} node={node} />
      {(beacons.offered.length > 0 || fences.chosen.id === OWN) && (
        <BeaconChoice beacons={beacons} field={keys} wrong={form.fault === "keys"} />
      )}
      <FormEnd
        form={form}
        sticky
        confirm={t("new.create")}
        disabled={fences.chosen.id === "" || pending(fences)}
        status={form.working && t("new.creating")}
        onCancel={onClose}
      />
    </form>
  );
}
