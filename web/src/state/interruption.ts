// Responsible for: what the page is doing about a connection that is lost or not there yet, and since when; pure.
// Not responsible for: the words for it (messages/en/call.ts) or mending it (net/, core/e2ee).
import type { Phase } from "./events";
import type { State } from "./state";

export type Step =
  /** The server does not answer. */
  | "lost"
  /** It answers again: charter and place are checked anew. */
  | "checking"
  /** New keys are agreed on with those who are in. */
  | "rejoining"
  /** The server answers, and nothing current is heard from any member. */
  | "cutoff"
  /** Picture and sound are connected for the first time. */
  | "connecting"
  /** They were there, stopped, and are connected again. */
  | "reconnecting"
  | "failed";

const SERVER = "RF6104";
const MEDIA = "RF6304";
/** What is wrong has its code; what is on its way has none. */
export const CODE_OF: Partial<Record<Step, string>> = { lost: SERVER, failed: MEDIA };

export interface Interruption {
  step: Step;
  /** Milliseconds since 1970 of the beginning of it all, not of the step. */
  since: number;
}

/** One thing at a time: what has to come first is said first. */
export function interruptionOf(state: State): Interruption | null {
  const { phase, lostAt, cutoff, brokenAt } = state;
  if (phase !== "in" && lostAt !== null) return { step: comingBack(phase), since: lostAt };
  if (cutoff !== null) return { step: "cutoff", since: cutoff };
  if (brokenAt === null || state.members.length < 2) return null;
  const again = state.connectedBefore ? "reconnecting" : "connecting";
  return { step: state.connection === "failed" ? "failed" : again, since: brokenAt };
}

/** Whether it says of this problem all that there is to say, or the problem follows from it. */
export function tells({ step }: Interruption, code: string): boolean {
  if (code === MEDIA) return step !== "cutoff";
  return code === SERVER && ["lost", "checking", "rejoining"].includes(step);
}

/** The server has answered, whatever was said of it before. */
export const answered = (phase: Phase): boolean =>
  ["ready", "waiting", "joining", "in"].includes(phase);

/** Which problems are over, once it is there again. */
export const OVER = { server: [SERVER], media: [MEDIA, "RF6302"] };

function comingBack(phase: State["phase"]): Step {
  if (phase === "connecting") return "checking";
  return phase === "ready" || phase === "joining" ? "rejoining" : "lost";
}
