// Responsible for: what a change of the rules would come to, as the participant says it before it is signed (types only).
// Not responsible for: working it out (the core).
import type { Rule } from "./events";
import type { Reason } from "./node";

export interface Proposal {
  /** Of the charter from which `rules` says what differs. */
  version: number;
  rules: Rule[];
  /** The server that carries the meeting. */
  node: string;
  /** Why it could not even be contacted: then nothing can be changed. */
  barred: Reason | null;
  /** Why this device would send no picture and sound at first. */
  waits: Reason[];
  /** Each page would have to rule places out by round trips of its own. */
  measured: boolean;
}

/** `id`: of the question. `trouble`: why it cannot be done at all. */
export interface ProposedEvent {
  t: "proposed";
  id: number;
  proposal: Proposal | null;
  trouble: { code: string; detail: string } | null;
}
