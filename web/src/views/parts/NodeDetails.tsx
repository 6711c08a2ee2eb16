// Responsible for: one server: who runs it, where, what it does, how sure that is, and why it is allowed.
// Not responsible for: deciding it (the core did).
import { Check, FileText, ScanEye, X } from "lucide-react";
import { countryName, t, type MessageKey } from "../../messages";
import type { Decision, NodePlace, Reason } from "../../state/events";
import { townOf } from "../../state/place";
import css from "./NodeDetails.module.css";
import parts from "./parts.module.css";

const ROLES = new Set(
  "web signalling keys media relay recording storage log metrics mail identity gateway".split(" "),
);

export function roleWords(role: string): string {
  return ROLES.has(role) ? t(`role.${role}` as MessageKey) : role;
}

export function NodeDetails({ node }: { node: NodePlace }) {
  const parents = node.parents.map(({ name, law }) =>
    t("where.law", { name, law: law.map(countryName).join(", ") }),
  );
  const facts: [MessageKey, string][] = [
    ["where.operator", node.operator],
    ["where.parents", parents.join("; ") || t("where.parents.none")],
    ["where.roles", node.roles.map(roleWords).join(", ")],
    ["where.addresses", node.addresses.join(", ")],
  ];
  return (
    <article className={css.node} aria-label={node.name}>
      <header>
        <h3>{node.name}</h3>
        <p>{townOf(node) || t("where.country.none")}</p>
      </header>
      <p className={css.standing} data-standing={node.standing}>
        <strong>{t(`standing.${node.standing}`)}.</strong> {t(`standing.${node.standing}.text`)}
      </p>
      <dl className={css.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t("where.key")}</dt>
          <dd className={css.key}>{node.node}</dd>
        </div>
      </dl>
      <Decisions decisions={node.decisions} checked />
      <Decisions decisions={node.decisions} checked={false} />
    </article>
  );
}

/** What was checked and what is only stated are never in one list. */
function Decisions({ decisions, checked }: { decisions: Decision[]; checked: boolean }) {
  const these = decisions.filter((decision) => decision.checked === checked);
  if (these.length === 0) return null;
  const Icon = checked ? ScanEye : FileText;
  return (
    <section className={css.decisions}>
      <h4>
        <Icon size={16} aria-hidden /> {t(checked ? "where.checked" : "where.stated")}
      </h4>
      <p>{t(checked ? "where.checked.text" : "where.stated.text")}</p>
      <ul>
        {these.map((decision) => (
          <li key={decision.role} className={decision.allowed ? css.allowed : css.refused}>
            {decision.allowed ? <Check size={16} aria-hidden /> : <X size={16} aria-hidden />}
            <div>
              <p>
                {roleWords(decision.role)}:{" "}
                <strong>{t(decision.allowed ? "where.allowed" : "where.refused")}</strong>
              </p>
              {decision.reasons.map((reason) => (
                <ReasonLine key={reason.code + reason.text} reason={reason} />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ReasonLine({ reason }: { reason: Reason }) {
  return (
    <p className={css.reason}>
      {reason.text}{" "}
      <span className={css.source}>
        ({t("where.reason", { source: reason.source, rule: reason.rule })})
      </span>{" "}
      <span className={parts.codeTag}>{reason.code}</span>
    </p>
  );
}
