// Responsible for: radio groups drawn as cards, on the browser's own radio buttons.
// Not responsible for: what is chosen (the form).
import { useId, type ReactNode } from "react";
import css from "./Choices.module.css";
import parts from "./parts.module.css";

interface ChoicesProps {
  label: string;
  hint?: string;
  columns?: boolean;
  children: ReactNode;
}

export function Choices({ label, hint, columns = false, children }: ChoicesProps) {
  const id = useId();
  return (
    <div role="radiogroup" aria-labelledby={id} aria-describedby={hint && `${id}-hint`}>
      <h3 id={id}>{label}</h3>
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      <div className={`${css.cards} ${columns ? css.columns : ""}`}>{children}</div>
    </div>
  );
}

interface ChoiceProps {
  group: string;
  label: string;
  checked: boolean;
  onChoose: () => void;
  /** Said after the name, as its description. */
  children: ReactNode;
}

export function Choice({ group, label, checked, onChoose, children }: ChoiceProps) {
  const id = useId();
  return (
    <label className={css.card}>
      <input
        type="radio"
        className={parts.check}
        name={group}
        checked={checked}
        aria-label={label}
        aria-describedby={id}
        onChange={onChoose}
      />
      <span className={css.name}>{label}</span>
      <span id={id} className={css.text}>
        {children}
      </span>
    </label>
  );
}
