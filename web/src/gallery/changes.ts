// Responsible for: changes of the rules that the gallery's states tell of.
// Not responsible for: the states (states.ts).
import type { RulesChange } from "../state/client";
import type { Rule } from "../state/events";
import type { ProposedEvent } from "../state/proposed";
import type { Change } from "../state/state";
import { NOW } from "./people";

const rule = (kind: Rule["kind"], name: string | null = null): Rule => ({ kind, name, you: false });
/** As the core says what is different in a fence. */
const fence: Rule = {
  ...rule("fence", "Canada"),
  details: [
    "Servers are no longer allowed in: the group eea@2026-01, US.",
    "Servers are now allowed in: CA.",
    "Operators and every parent company may answer only to the law of: CA.",
    "More is asked than before. Two independent data sets have to agree with the operator about the place.",
    "Measured round trips now have to rule out: CN.",
  ],
};
export const change: Change = {
  version: 2,
  by: "Ben Lindqvist",
  you: false,
  rules: [fence, rule("lobby"), rule("host", "Chiara Fontana")],
  at: NOW - 60_000,
  read: false,
};
/** Each kind of change at once. */
export const everything: Rule[] = [
  fence,
  ...(["lobby", "hosts", "others"] as const).map((kind) => rule(kind)),
  rule("title", "Reading room, second floor"),
  rule("host", "Chiara Fontana"),
  { kind: "guest", name: null, you: true },
];

const open = {
  code: "RF2109",
  rule: "evidence.exclude",
  source: "round trips",
  text: "none is short enough to rule out that the node is in CN: one measured from nearer would have to",
};
const outside = {
  ...{ code: "RF2104", rule: "allow.countries", source: "statement serial 1" },
  text: "the operator states that the node is in FI, and the fence allows CA: the node would have to be in one of them",
};

/** What was written says what comes of it; of “unanswered” nothing does. */
export function proposed(id: number, { policy, admission }: RulesChange): ProposedEvent | null {
  const has = (word: string) => policy?.includes(word) ?? false;
  if (has("unanswered")) return null;
  const trouble = {
    code: "RF3264",
    detail: "Another change is under way: wait until all have it.",
  };
  if (has("trouble")) return { t: "proposed", id, proposal: null, trouble };
  const measured = has("exclude");
  const rules = [...(policy ? [fence] : []), ...(admission ? [rule(admission)] : [])];
  const barred = has("barred") ? outside : null;
  const waits = measured && !barred ? [open] : [];
  const proposal = { version: 1, rules, node: "ringfence-1", barred, waits, measured };
  return { t: "proposed", id, proposal, trouble: null };
}
