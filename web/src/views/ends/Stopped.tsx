// Responsible for: the full page of a refusal: what, which rule, which node, since when, what went there before, and
// what can be done.
// Not responsible for: a way past it: there is none.
import { ShieldAlert } from "lucide-react";
import { exactTime, lasting, t, type MessageKey } from "../../messages";
import { errorWords } from "../../messages/errors";
import type { MeetingClient } from "../../state/client";
import { refusalOf, townOf, type Refusal } from "../../state/place";
import { sentTo, type Stretch } from "../../state/route";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { Button, ButtonLink } from "../parts/Button";
import { Page } from "../parts/Page";
import parts from "../parts/parts.module.css";
import { named } from "../parts/places";
import { SaveReceipt } from "../where/SaveReceipt";
import { whereaboutsOf } from "../where/words";
import css from "./Stopped.module.css";

type Fact = [label: MessageKey, value: string];

interface StoppedProps {
  state: State;
  client: MeetingClient;
}

export function Stopped({ state, client }: StoppedProps) {
  const refused = refusalOf(state.place);
  const code = state.code ?? refused?.reason?.code ?? "";
  const fence = code.startsWith("RF2");
  const refusal = fence ? refused : null;
  const detail = state.problems.find((problem) => problem.code === code)?.detail;
  const began = state.joinedAt === null ? "stopped.before" : "stopped.during";
  const facts: Fact[] = [
    ...(refusal ? about(refusal) : []),
    ["stopped.since", exactTime(state.since)],
    ...sent(state, refusal),
  ];
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
      <CodeAlert code={code} {...(detail && { detail: named(detail) })} />
      <dl className={css.facts}>
        {facts.map(([label, value]) => (
          <div key={label + value}>
            <dt>{t(label)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <OwnWord state={state} client={client} code={code} />
      {(fence || !errorWords(code)) && (
        <section>
          <h2>{t("stopped.do")}</h2>
          <ul className={parts.bullets}>
            <li>{t("stopped.host")}</li>
            <li>{t("stopped.operator")}</li>
          </ul>
        </section>
      )}
      {state.place && <SaveReceipt state={state} client={client} heading />}
      <div>
        <ButtonLink href="/">{t("home.back")}</ButtonLink>
      </div>
    </Page>
  );
}

function about({ node, reason }: Refusal): Fact[] {
  const facts: Fact[] = [
    ["stopped.node", [node.name, townOf(node), node.operator].filter(Boolean).join(", ")],
  ];
  if (node.addresses.length > 0) facts.push(["stopped.addresses", node.addresses.join(", ")]);
  if (!reason) return facts;
  return [
    ...facts,
    ["stopped.what", named(reason.text)],
    ["stopped.rule", reason.rule],
    ["stopped.source", reason.source],
  ];
}

/** What may have gone to the refused server, if it is one; and to every other. */
function sent({ sent: all, since }: State, refusal: Refusal | null): Fact[] {
  const key = refusal?.node.node;
  const there = key === undefined ? [] : sentTo(all, key);
  const others = [...new Set(all.map(({ node }) => node))].filter((node) => node !== key);
  const facts: Fact[] = [];
  if (key !== undefined) {
    const words = there.length > 0 ? stretches(there, since) : t("stopped.sent.nothing");
    facts.push(["stopped.sent", words]);
  }
  for (const node of others) {
    const its = sentTo(all, node);
    const name = its.at(-1)?.name ?? node;
    const label = key === undefined ? "stopped.sent.before" : "stopped.sent.other";
    facts.push([label, `${name}: ${stretches(its, since)}`]);
  }
  return facts;
}

function stretches(all: Stretch[], since: number): string {
  const ends = all.map(({ until }) => until ?? since);
  const time = all.reduce((sum, { from }, i) => sum + (ends[i] ?? since) - from, 0);
  return t("stopped.sent.stretches", {
    count: all.length,
    from: exactTime(all[0]?.from ?? since),
    until: exactTime(Math.max(...ends)),
    time: lasting(time),
  });
}

/** It would be stopped by the same word again, so that can be taken back here; nothing goes on because of it. */
function OwnWord({ state: { whereabouts }, client, code }: StoppedProps & { code: string }) {
  if (code !== "RF2116" && code !== "RF2115") return null;
  if (whereabouts === null) return null;
  return (
    <section>
      <h2>{t("yours.title")}</h2>
      <p>{t("stopped.yours", { where: whereaboutsOf(whereabouts) })}</p>
      <div>
        <Button onClick={() => client.setWhereabouts(null)}>{t("yours.forget")}</Button>
      </div>
    </section>
  );
}
