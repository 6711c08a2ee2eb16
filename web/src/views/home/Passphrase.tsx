// Responsible for: fields for a passphrase, which can be shown, and what is said of a new one.
// Not responsible for: judging it (strength.ts) or what it seals.
import type { RefObject } from "react";
import { t } from "../../messages";
import { Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import css from "./Keeping.module.css";
import { judge } from "./strength";

interface PassphraseProps {
  label: string;
  value: string;
  shown: boolean;
  /** Being made up now: password managers may offer one. */
  fresh?: boolean;
  autoFocus?: boolean;
  hint?: string;
  invalid?: string | undefined;
  field?: RefObject<HTMLInputElement | null>;
  onChange: (value: string) => void;
}

export function Passphrase({ shown, fresh, field, onChange, ...rest }: PassphraseProps) {
  return (
    <Line
      {...rest}
      ref={field}
      type={shown ? "text" : "password"}
      autoComplete={fresh ? "new-password" : "current-password"}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function ShowPassphrase({
  shown,
  onShow,
}: {
  shown: boolean;
  onShow: (s: boolean) => void;
}) {
  return (
    <label className={css.show}>
      <input
        type="checkbox"
        className={parts.check}
        checked={shown}
        onChange={(event) => onShow(event.target.checked)}
      />
      {t("pass.show")}
    </label>
  );
}

/** Said while it is typed, politely. */
export function Strength({ passphrase }: { passphrase: string }) {
  const { strength, missing, enough } = judge(passphrase);
  return (
    <p role="status" className={enough ? css.enough : parts.hint}>
      {passphrase !== "" && t(`pass.${strength}`, { missing })}
    </p>
  );
}
