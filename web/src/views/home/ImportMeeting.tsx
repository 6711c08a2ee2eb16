// Responsible for: the dialog that takes a meeting's key file and passphrase, and makes this device its owner's.
// Not responsible for: opening the file (the Directory does).
import { Check } from "lucide-react";
import { useRef, useState, type SubmitEvent } from "react";
import { t } from "../../messages";
import type { Directory, ImportedMeeting } from "../../state/client";
import { ButtonLink } from "../parts/Button";
import { focus } from "../parts/focus";
import { Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import { Window } from "../parts/Window";
import css from "./Keeping.module.css";
import { FormEnd } from "./FormEnd";
import { LostBoth } from "./LostBoth";
import { Passphrase, ShowPassphrase } from "./Passphrase";
import { useForm } from "./useForm";

interface ImportMeetingProps {
  directory: Directory;
  onClose: () => void;
}

export function ImportMeeting({ directory, onClose }: ImportMeetingProps) {
  const [imported, setImported] = useState<ImportedMeeting | null>(null);
  return (
    <Window title={t("import.title")} onClose={onClose}>
      {imported ? (
        <Imported {...imported} />
      ) : (
        <Form directory={directory} onClose={onClose} onImported={setImported} />
      )}
    </Window>
  );
}

function Imported({ title, link, known }: ImportedMeeting) {
  const what = known ? "import.known" : "import.done";
  return (
    <div className={css.form}>
      <div id="imported" className={css.saved}>
        <Check size={18} aria-hidden />
        <p className={parts.noteTitle}>{t(what, { title })}</p>
        <p>{t(`${what}.text`)}</p>
      </div>
      <ButtonLink ref={focus} aria-describedby="imported" look="primary" large wide href={link}>
        {t("import.open.meeting")}
      </ButtonLink>
    </div>
  );
}

type FormProps = ImportMeetingProps & { onImported: (meeting: ImportedMeeting) => void };

function Form({ directory, onClose, onImported }: FormProps) {
  const [passphrase, setPassphrase] = useState("");
  const [shown, setShown] = useState(false);
  const form = useForm<"file" | "passphrase">();
  const chosen = useRef<HTMLInputElement>(null);
  const typed = useRef<HTMLInputElement>(null);
  const submit = (event: SubmitEvent) => {
    // Asked for only now: a file that was replaced under its old name is no change to the field.
    const file = chosen.current?.files?.[0];
    const checks = [
      { fault: "file", wrong: file === undefined, field: chosen },
      { fault: "passphrase", wrong: passphrase === "", field: typed },
    ] as const;
    form.submit(event, checks, async () => {
      if (file) onImported(await directory.importMeeting(file, passphrase));
    });
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <p>{t("import.lead")}</p>
      <Line
        label={t("import.file")}
        hint={t("import.file.hint")}
        type="file"
        accept=".json,application/json"
        ref={chosen}
        autoFocus
        invalid={form.fault === "file" ? t("import.file.missing") : undefined}
        onChange={form.changed}
      />
      <Passphrase
        label={t("pass.label")}
        value={passphrase}
        shown={shown}
        field={typed}
        invalid={form.fault === "passphrase" ? t("pass.missing") : undefined}
        onChange={(value) => {
          setPassphrase(value);
          form.changed();
        }}
      />
      <ShowPassphrase shown={shown} onShow={setShown} />
      <FormEnd
        form={form}
        confirm={t("import.go")}
        status={form.working && t("import.working")}
        onCancel={onClose}
      />
      <LostBoth />
    </form>
  );
}
