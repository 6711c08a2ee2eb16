// Responsible for: saying an error: what happened, why, what to do, and its code.
// Not responsible for: which errors there are (messages/errors.ts).
import { CircleAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../../messages";
import { errorWords } from "../../messages/errors";
import css from "./parts.module.css";

interface CodeAlertProps {
  code: string;
  detail?: string;
  /** More words, below what to do. */
  more?: ReactNode;
  /** What can be pressed. */
  children?: ReactNode;
}

export function CodeAlert({ code, detail, more, children }: CodeAlertProps) {
  const words = errorWords(code);
  return (
    <div role="alert" className={`${css.note} ${css.noteDanger}`}>
      <CircleAlert size={18} aria-hidden />
      <div>
        <p className={css.noteTitle}>
          {words?.title ?? detail} <span className={css.codeTag}>{code}</span>
        </p>
        {words && <p>{words.why}</p>}
        {words && detail && detail !== words.why && <p className={css.hint}>{detail}</p>}
        {words && (
          <p>
            <strong>{t("alert.do")}:</strong> {words.do}
          </p>
        )}
        {more}
      </div>
      {children && <div className={css.noteActions}>{children}</div>}
    </div>
  );
}

interface WarningProps {
  title: string;
  /** More words, where the title is not all. */
  more?: ReactNode;
  children?: ReactNode;
}

/** Not an error, but to be known. It is said by the status that it stands in, which is there before it. */
export function Warning({ title, more, children }: WarningProps) {
  return (
    <div className={`${css.note} ${css.noteWarning}`}>
      <TriangleAlert size={18} aria-hidden />
      <div>
        <p className={more ? css.noteTitle : undefined}>{title}</p>
        {more && <p>{more}</p>}
      </div>
      {children && <div className={css.noteActions}>{children}</div>}
    </div>
  );
}
