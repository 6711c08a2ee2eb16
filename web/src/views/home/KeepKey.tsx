// Responsible for: keeping a copy of the owner's key of a meeting just made: a passphrase, then a file.
// Not responsible for: sealing it (the Directory does), or the link beside it (LinkReady.tsx).
import { Check, KeyRound } from "lucide-react";
import { useRef, useState, type SubmitEvent } from "react";
import { t } from "../../messages";
import type { KeyFile } from "../../state/client";
import { Button, ButtonLink } from "../parts/Button";
import { focus } from "../parts/focus";
import css from "./Keeping.module.css";
import { FormEnd } from "./FormEnd";
import { LostBoth } from "./LostBoth";
import { Passphrase, ShowPassphrase, Strength } from "./Passphrase";
import { addressOf, save } from "./save";
import { judge, SHORTEST } from "./strength";
import { useForm } from "./useForm";

export type CopyKeys = (passphrase: string) => Promise<KeyFile>;
/** Null: offered, and not yet taken up. */
type Stage = "asked" | "given-up" | { file: KeyFile; address: string };

export function KeepKey({ onCopy }: { onCopy: CopyKeys }) {
  const [stage, setStage] = useState<Stage | null>(null);
  const saved = (file: KeyFile) => {
    const address = addressOf(file);
    save(file, address);
    setStage({ file, address });
  };
  return (
    <section className={css.keep} aria-labelledby="keep-title">
      <h3 id="keep-title">
        <KeyRound size={18} aria-hidden />
        {t("keep.title")}
      </h3>
      {(stage === null || stage === "given-up") && (
        <>
          <p>{t("keep.why")}</p>
          <div>
            <Button autoFocus={stage !== null} onClick={() => setStage("asked")}>
              {t("keep.start")}
            </Button>
          </div>
        </>
      )}
      {stage === "asked" && (
        <Form onCopy={onCopy} onSaved={saved} onCancel={() => setStage("given-up")} />
      )}
      {stage !== null && typeof stage === "object" && <Saved {...stage} />}
      <LostBoth />
    </section>
  );
}

interface FormProps {
  onCopy: CopyKeys;
  onSaved: (file: KeyFile) => void;
  onCancel: () => void;
}

/** The window is longer than a phone, and what follows the first field has to be seen, too. */
function toTop(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "start" });
}

function Form({ onCopy, onSaved, onCancel }: FormProps) {
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [shown, setShown] = useState(false);
  const form = useForm<"short" | "differs">();
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const { strength, missing, enough } = judge(passphrase);
  const submit = (event: SubmitEvent) => {
    const checks = [
      { fault: "short", wrong: !enough, field: first },
      { fault: "differs", wrong: passphrase !== again, field: second },
    ] as const;
    form.submit(event, checks, async () => onSaved(await onCopy(passphrase)));
  };
  return (
    <form ref={toTop} className={css.form} onSubmit={submit} noValidate>
      <p>{t("keep.form.why")}</p>
      <Passphrase
        label={t("pass.label")}
        hint={t("pass.hint", { shortest: SHORTEST })}
        value={passphrase}
        shown={shown}
        fresh
        autoFocus
        field={first}
        invalid={form.fault === "short" ? t(`pass.${strength}`, { missing }) : undefined}
        onChange={(value) => {
          setPassphrase(value);
          form.changed();
        }}
      />
      {form.fault !== "short" && <Strength passphrase={passphrase} />}
      <Passphrase
        label={t("pass.again")}
        value={again}
        shown={shown}
        fresh
        field={second}
        invalid={form.fault === "differs" ? t("pass.differs") : undefined}
        onChange={(value) => {
          setAgain(value);
          form.changed();
        }}
      />
      <ShowPassphrase shown={shown} onShow={setShown} />
      <FormEnd
        form={form}
        confirm={t("keep.save")}
        status={form.working && t("keep.working")}
        onCancel={onCancel}
      />
    </form>
  );
}

function Saved({ file, address }: { file: KeyFile; address: string }) {
  return (
    <>
      <div id="saved" className={css.saved}>
        <Check size={18} aria-hidden />
        <p>{t("keep.saved", { name: file.name })}</p>
        <p>{t("keep.saved.text")}</p>
      </div>
      <div>
        <ButtonLink ref={focus} aria-describedby="saved" href={address} download={file.name}>
          {t("keep.again")}
        </ButtonLink>
      </div>
    </>
  );
}
