// Responsible for: what one's own fence says, in sentences, and what it decides about each node of this server.
// Not responsible for: the sentences and the decisions (the core).
import { useId } from "react";
import { t } from "../../messages";
import type { SeenNode } from "../../state/client";
import { CodeAlert } from "../parts/Alert";
import parts from "../parts/parts.module.css";
import { named } from "../parts/places";
import css from "./OwnFence.module.css";
import type { Fences } from "./useFences";

export function OwnSays({ fences: { chosen, last } }: { fences: Fences }) {
  const id = useId();
  const { trouble } = chosen;
  // Until the core has read the newest, what it read before stays, and is not said to be of the newest.
  const seen = trouble ? null : (chosen.preview ?? last);
  const busy = chosen.preview === null && trouble === null;
  return (
    <section className={css.says} aria-labelledby={id} aria-busy={busy}>
      <h4 id={id}>{t("own.says")}</h4>
      {trouble && <CodeAlert {...trouble} />}
      {seen && (
        <>
          <ul className={`${parts.bullets} ${parts.small}`}>
            {seen.sentences.map((sentence) => (
              <li key={sentence}>{named(sentence)}</li>
            ))}
          </ul>
          <h4>{t("own.decides")}</h4>
          {seen.nodes.map((node, at) => (
            <OneNode key={node.node ?? at} node={node} />
          ))}
        </>
      )}
    </section>
  );
}

function OneNode({ node: { name, allowed, decisions } }: { node: SeenNode }) {
  const refused = decisions.filter((decision) => !decision.allowed);
  // Mostly each leg is refused for the same.
  const reasons = new Map(
    refused.flatMap(({ reasons: [first] }) => (first ? [[first.code + first.text, first]] : [])),
  );
  const legs = refused.map(({ role }) => role).join(", ");
  return (
    <div className={parts.small}>
      <p>
        <strong>{name ?? t("own.decides.unnamed")}</strong>:{" "}
        <span className={allowed ? css.inside : css.outside}>
          {allowed ? t("own.decides.allowed") : t("own.decides.refused", { legs })}
        </span>
      </p>
      {!allowed && (
        <ul className={parts.bullets}>
          {[...reasons.values()].map(({ code, text }) => (
            <li key={code + text}>
              {named(text)} <span className={parts.codeTag}>{code}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
