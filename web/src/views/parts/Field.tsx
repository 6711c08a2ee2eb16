// Responsible for: a labelled line or block of text with its hint and its error, wired for readers.
// Not responsible for: what is valid (the form says).
import { useId, type ComponentProps, type TextareaHTMLAttributes } from "react";
import css from "./parts.module.css";

interface Around {
  label: string;
  hint?: string | undefined;
  invalid?: string | undefined;
}

function useWiring({ hint, invalid }: Around) {
  const id = useId();
  const described = [hint && `${id}-hint`, invalid && `${id}-invalid`].filter(Boolean).join(" ");
  return {
    id,
    wired: {
      id,
      className: css.input,
      "aria-invalid": invalid ? true : undefined,
      "aria-describedby": described || undefined,
    },
  };
}

function Frame({
  id,
  label,
  hint,
  invalid,
  children,
}: Around & { id: string; children: React.ReactNode }) {
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      {invalid && (
        <p id={`${id}-invalid`} className={css.invalid} role="alert">
          {invalid}
        </p>
      )}
    </div>
  );
}

type LineProps = Around & Omit<ComponentProps<"input">, "className" | "id">;

export function Line({ label, hint, invalid, ...rest }: LineProps) {
  const around = { label, hint, invalid };
  const { id, wired } = useWiring(around);
  return (
    <Frame id={id} {...around}>
      <input type="text" {...wired} {...rest} />
    </Frame>
  );
}

type BlockProps = Around & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "className" | "id">;

export function Block({ label, hint, invalid, ...rest }: BlockProps) {
  const around = { label, hint, invalid };
  const { id, wired } = useWiring(around);
  return (
    <Frame id={id} {...around}>
      <textarea {...wired} {...rest} />
    </Frame>
  );
}
