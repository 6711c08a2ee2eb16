// Responsible for: changes of the rules that the gallery's states tell of.
// Not responsible for: the states (states.ts).
import type { Rule } from "../state/events";
import type { Change } from "../state/state";
import { NOW } from "./people";

const rule = (kind: Rule["kind"], name: string | null = null): Rule => ({ kind, name, you: false });
export const change: Change = {
  version: 2,
  by: "Ben Lindqvist",
  you: false,
  rules: [rule("fence", "Canada"), rule("lobby"), rule("host", "Chiara Fontana")],
  at: NOW - 60_000,
  read: false,
};
/** Each kind of change at once. */
export const everything: Rule[] = [
  rule("fence", "Canada"),
  ...(["lobby", "hosts", "others"] as const).map((kind) => rule(kind)),
  rule("title", "Reading room, second floor"),
  rule("host", "Chiara Fontana"),
  { kind: "guest", name: null, you: true },
];
