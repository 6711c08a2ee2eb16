// Responsible for: what is known of servers that could carry a meeting and do not (types only).
// Not responsible for: deciding about them (the core).
import type { Reason } from "./node";

/** What is said of it is null where no statement of it is shown that counts. */
export interface CandidatePlace {
  node: string;
  name: string | null;
  operator: string | null;
  country: string | null;
  place: string | null;
  /** The code of what the server had against it; null: nothing. */
  refused: string | null;
  /** This browser could decide about it; `reason` is then its own against it, if it has one. */
  looked: boolean;
  reason: Reason | null;
  /** Server and browser decide otherwise (RF3165). */
  differs: boolean;
}
