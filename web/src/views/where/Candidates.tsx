// Responsible for: the servers that could carry the meeting and do not: what the server had against each, and what this
// browser decides.
// Not responsible for: deciding it, or that the list is the one that was signed (the core).
import { countryName, t } from "../../messages";
import type { CandidatePlace } from "../../state/candidates";
import { errorWords } from "../../messages/errors";
import { Warning } from "../parts/Alert";
import parts from "../parts/parts.module.css";
import { named } from "../parts/places";
import css from "./Where.module.css";

export function Candidates({ candidates }: { candidates: readonly CandidatePlace[] }) {
  if (candidates.length === 0) return <p className={css.soft}>{t("candidates.none")}</p>;
  return (
    <>
      <p className={css.soft}>{t("candidates.text", { count: candidates.length })}</p>
      <ul className={css.candidates}>
        {candidates.map((one) => (
          <li key={one.node}>
            <One candidate={one} />
          </li>
        ))}
      </ul>
    </>
  );
}

function One({ candidate }: { candidate: CandidatePlace }) {
  const { node, name, operator, country, place, refused, looked, reason, differs } = candidate;
  const where = [place, country && countryName(country)].filter(Boolean).join(", ");
  return (
    <>
      <p>
        <strong>{name ?? t("candidates.unnamed", { key: node.slice(0, 8) })}</strong>
        {operator && <> ({[where, operator].filter(Boolean).join(", ")})</>}
      </p>
      <p className={css.soft}>
        {refused === null ? (
          t("candidates.allowed")
        ) : (
          <>
            {t("candidates.refused", { why: errorWords(refused)?.title ?? "" })}{" "}
            <span className={parts.codeTag}>{refused}</span>
          </>
        )}
      </p>
      <p className={css.soft}>
        {!looked && t("candidates.unlooked")}
        {looked && reason === null && t("candidates.own.allowed")}
        {reason && (
          <>
            {t("candidates.own.refused", { why: `${reason.source}: ${named(reason.text)}` })}{" "}
            <span className={parts.codeTag}>{reason.code}</span>
          </>
        )}
      </p>
      {differs && (
        <Warning
          title={`${errorWords("RF3165")?.title ?? ""} (RF3165)`}
          more={errorWords("RF3165")?.do}
        />
      )}
    </>
  );
}
