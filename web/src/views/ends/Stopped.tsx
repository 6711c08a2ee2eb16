// Responsible for: the full page of a refusal: what, which rule, which node, and what can be done.
// Not responsible for: a way past it: there is none.
import { ShieldAlert } from "lucide-react";
import { t, type MessageKey } from "../../messages";
import { errorWords } from "../../messages/errors";
import { refusalOf, townOf } from "../../state/place";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { ButtonLink } from "../parts/Button";
import { Page } from "../parts/Page";
import parts from "../parts/parts.module.css";
import css from "./Stopped.module.css";

export function Stopped({ state }: { state: State }) {
  const refused = refusalOf(state.place);
  const code = state.code ?? refused?.reason?.code ?? "";
  const fence = code.startsWith("RF2");
  const refusal = fence ? refused : null;
  const detail = state.problems.find((problem) => problem.code === code)?.detail;
  const began = state.joinedAt === null ? "stopped.before" : "stopped.during";
  const facts: [MessageKey, string][] = [];
  if (refusal) {
    const { node, reason } = refusal;
    facts.push([
      "stopped.node",
      [node.name, townOf(node), node.operator].filter(Boolean).join(", "),
    ]);
    if (reason) {
      facts.push(
        ["stopped.what", reason.text],
        ["stopped.rule", reason.rule],
        ["stopped.source", reason.source],
      );
    }
  }
  return (
    <Page
      title={t(fence ? "stopped.title" : "stopped.refused.title")}
      icon={<ShieldAlert size={28} aria-hidden />}
      tone="stopped"
    >
      <p className={css.lead}>
        {!fence && `${t("stopped.refused")} `}
        {t(began)}
      </p>
      <CodeAlert code={code} {...(detail && { detail })} />
      {facts.length > 0 && (
        <dl className={css.facts}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{t(label)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {(fence || !errorWords(code)) && (
        <section>
          <h2>{t("stopped.do")}</h2>
          <ul className={parts.bullets}>
            <li>{t("stopped.host")}</li>
            <li>{t("stopped.operator")}</li>
          </ul>
        </section>
      )}
      <div>
        <ButtonLink href="/">{t("home.back")}</ButtonLink>
      </div>
    </Page>
  );
}
