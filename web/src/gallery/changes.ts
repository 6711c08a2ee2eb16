// Responsible for: changes of the rules that the gallery's states tell of.
// Not responsible for: the states (states.ts).
import type { Rule } from "../state/events";
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
