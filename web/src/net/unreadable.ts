// Responsible for: noticing that somebody's media arrives and does not open, for long enough to say.
// Not responsible for: dropping it (e2ee/frames.ts).
import type { LineSlot } from "../e2ee/messages";
import type { LineCounts } from "../e2ee/transforms";

/** Seconds in a row in which frames came and none opened. */
const PERSISTS = 5;

export class Unreadable {
  readonly #say: (detail: string) => void;
  readonly #seconds = new Map<number, number>();
  #slots = new Map<number, LineSlot>();

  constructor(say: (detail: string) => void) {
    this.#say = say;
  }

  setSlots(slots: LineSlot[]): void {
    this.#slots = new Map(slots.map((slot) => [slot.line, slot]));
    this.#seconds.clear();
  }

  /** The counts of one second. */
  heard(counts: LineCounts[]): void {
    for (const { line, passed, unopened } of counts) {
      const slot = this.#slots.get(line);
      if (slot === undefined || (passed === 0 && unopened === 0)) continue;
      const seconds = passed > 0 ? 0 : (this.#seconds.get(line) ?? 0) + 1;
      this.#seconds.set(line, seconds);
      if (seconds === PERSISTS) this.#say(`leaf ${slot.leaf}, stream ${slot.context}`);
    }
  }
}
