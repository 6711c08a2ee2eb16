// Responsible for: saying what the page does about a connection that is lost or not there yet, and for how long so far.
// Not responsible for: what it does (state/interruption.ts says) or other troubles (Banners.tsx).
import { CircleAlert, LoaderCircle, TriangleAlert } from "lucide-react";
import { t } from "../../messages";
import { CODE_OF, type Interruption } from "../../state/interruption";
import { Lasting } from "../parts/Lasting";
import parts from "../parts/parts.module.css";
import css from "./Call.module.css";

export function Interrupted({ now }: { now: Interruption | null }) {
  const wrong = now !== null && CODE_OF[now.step] !== undefined;
  // Two places that are there from the start, so that each step is said: what is wrong at once, the rest politely.
  return (
    <>
      <div role="alert">{wrong && <Note {...now} />}</div>
      <div role="status">{now !== null && !wrong && <Note {...now} />}</div>
    </>
  );
}

function Note({ step, since }: Interruption) {
  const code = CODE_OF[step];
  const Icon = code ? CircleAlert : step === "cutoff" ? TriangleAlert : LoaderCircle;
  return (
    <div className={`${parts.note} ${code ? parts.noteDanger : parts.noteWarning}`}>
      <Icon size={18} aria-hidden {...(Icon === LoaderCircle && { className: css.turning })} />
      <div>
        <p className={parts.noteTitle}>
          {t(`break.${step}`)} {code && <span className={parts.codeTag}>{code}</span>}
        </p>
        <p>{t(`break.${step}.text`)}</p>
        <Lasting since={since} />
      </div>
    </div>
  );
}
