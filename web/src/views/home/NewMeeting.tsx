// Responsible for: the dialog that makes a meeting: its name, its fence, who can join; then the link.
// Not responsible for: keys and charter (the Directory makes them) or what a fence allows (the core).
import { useRef, useState, type SubmitEvent } from "react";
import { t } from "../../messages";
import type { Directory, NodeInfo } from "../../state/client";
import type { Admission } from "../../state/events";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { Choice, Choices } from "../parts/Choices";
import { Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import { asProblem, UNFORESEEN, type Trouble } from "../parts/trouble";
import { Window } from "../parts/Window";
import { FencePicker } from "./FencePicker";
import { LinkReady } from "./LinkReady";
import css from "./NewMeeting.module.css";
import { useFences, type Fences } from "./useFences";

interface NewMeetingProps {
  directory: Directory;
  node: NodeInfo | null;
  onClose: () => void;
}

interface Made {
  link: string;
  admission: Admission;
}

export function NewMeeting({ directory, node, onClose }: NewMeetingProps) {
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Window title={made ? t("new.ready") : t("new.title")} onClose={onClose}>
      {made ? (
        <LinkReady {...made} />
      ) : (
        <Form directory={directory} node={node} onClose={onClose} onMade={setMade} />
      )}
    </Window>
  );
}

/** A fence that allows nothing here would make a meeting that nobody can hold. */
function refusal(fences: Fences): Trouble | null {
  const { chosen } = fences;
  if (chosen.trouble) return chosen.trouble;
  if (!chosen.preview || chosen.preview.allowed > 0) return null;
  const refused = chosen.preview.decisions.find((decision) => !decision.allowed);
  const reason = refused?.reasons[0];
  return {
    code: reason?.code ?? UNFORESEEN,
    detail: [t("new.blocked", { name: chosen.title }), reason?.text].filter(Boolean).join(" "),
  };
}

/** The form is longer than a phone: what refused it has to be seen. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}

function Form({
  directory,
  node,
  onClose,
  onMade,
}: NewMeetingProps & { onMade: (m: Made) => void }) {
  const [title, setTitle] = useState("");
  const [nameless, setNameless] = useState(false);
  const [admission, setAdmission] = useState<Admission>("link");
  const [making, setMaking] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const name = useRef<HTMLInputElement>(null);
  const fences = useFences(directory);
  const create = async () => {
    setMaking(true);
    try {
      const { link } = await directory.createMeeting({
        title: title.trim(),
        admission,
        fence: fences.choice,
      });
      onMade({ link, admission });
    } catch (error) {
      setTrouble(asProblem(error));
      setMaking(false);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const blocked = refusal(fences);
    setNameless(title.trim() === "");
    if (title.trim() === "") name.current?.focus();
    setTrouble(blocked);
    if (title.trim() !== "" && !blocked) void create();
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <Line
        label={t("new.name")}
        hint={t("new.name.hint")}
        value={title}
        autoFocus
        ref={name}
        maxLength={120}
        autoComplete="off"
        invalid={nameless ? t("new.name.missing") : undefined}
        onChange={(event) => {
          setTitle(event.target.value);
          setNameless(false);
        }}
      />
      <Choices label={t("new.admission")} columns>
        {(["link", "lobby"] as const).map((way) => (
          <Choice
            key={way}
            group="admission"
            label={t(`new.admission.${way}`)}
            checked={admission === way}
            onChoose={() => setAdmission(way)}
          >
            {t(`new.admission.${way}.text`)}
          </Choice>
        ))}
      </Choices>
      <FencePicker fences={fences} node={node} />
      {trouble && (
        <div ref={intoView} className={css.refused}>
          <CodeAlert {...trouble} />
        </div>
      )}
      <div className={css.actions}>
        <Button onClick={onClose}>{t("new.cancel")}</Button>
        <Button
          type="submit"
          look="primary"
          disabled={making || fences.chosen.id === ""}
          aria-describedby="making"
        >
          {t("new.create")}
        </Button>
      </div>
      <p id="making" role="status" className={parts.hint}>
        {making && t("new.creating")}
      </p>
    </form>
  );
}
