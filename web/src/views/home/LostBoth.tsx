// Responsible for: what can still be done by an owner who has neither this browser's data nor the file.
// Not responsible for: doing it. docs/keeping.md says the same at more length.
import { t } from "../../messages";
import parts from "../parts/parts.module.css";
import css from "./Keeping.module.css";

const lines = [
  "keep.lost.link",
  "keep.lost.lobby",
  "keep.lost.now",
  "keep.lost.fixed",
  "keep.lost.new",
] as const;

export function LostBoth() {
  return (
    <details className={css.lost}>
      <summary>{t("keep.lost.title")}</summary>
      <p>{t("keep.lost.lead")}</p>
      <ul className={parts.bullets}>
        {lines.map((line) => (
          <li key={line}>{t(line)}</li>
        ))}
      </ul>
    </details>
  );
}
