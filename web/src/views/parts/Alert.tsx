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
  /** How long it lasts so far; not read aloud each second. */
  lasting?: string;
  children?: ReactNode;
}

export function CodeAlert({ code, detail, lasting, children }: CodeAlertProps) {
  const words = errorWords(code);
  return (
    <div role="alert" className={`${css.note} ${css.noteDanger}`}>
      <CircleAlert size={18} aria-hidden />
      <div>
        <p className={css.noteTitle}>
          {words?.title ?? detail} <span className={css.codeTag}>{code}</span>
        </p>
        {words && <p>{words.why}</p>}
        {words && detail && <p className={css.hint}>{detail}</p>}
        {words && (
          <p>
            <strong>{t("alert.do")}:</strong> {words.do}
          </p>
        )}
        {lasting && <SoFar time={lasting} />}
        {children && <div className={css.noteActions}>{children}</div>}
      </div>
    </div>
  );
}

function SoFar({ time }: { time: string }) {
  return (
    <p role="timer" aria-live="off" className={css.hint}>
      {t("time.sofar", { time })}
    </p>
  );
}

/** Not an error, but to be known: said politely. */
interface WarningProps {
  title: string;
  lasting?: string;
  children?: ReactNode;
}

export function Warning({ title, lasting, children }: WarningProps) {
  return (
    <div role="status" className={`${css.note} ${css.noteWarning}`}>
      <TriangleAlert size={18} aria-hidden />
      <div>
        <p>{title}</p>
        {lasting && <SoFar time={lasting} />}
        {children && <div className={css.noteActions}>{children}</div>}
      </div>
    </div>
  );
}
