// Responsible for: how long the way to the address of media and back takes: nonces over a data channel, timed here.
// Not responsible for: what follows from it (core/e2ee), or the server's clock, which is not asked for.

/** docs/protocol/media.md, "The way there and back". */
export const LABEL = "ringfence-trip";
const NONCE = 16;
/** Many at first: the least of them counts. Then some for as long as the call lasts. */
const FIRST = 20;
const LATER = 5;
const SPACED_MS = 60;
const EVERY_MS = 30_000;
/** What has not come back by then is lost. */
const PATIENCE_MS = 3_000;
/** What waits to be sent would be measured, too. */
const MOST_BUFFERED = 64;

/** A data channel, as far as it is used. */
export type TripChannel = Pick<
  RTCDataChannel,
  | "binaryType"
  | "bufferedAmount"
  | "close"
  | "onclose"
  | "onmessage"
  | "onopen"
  | "readyState"
  | "send"
>;

/** The least round trip of so many, with what the clock may leave out: never shorter than it was. */
export type Measured = (milliseconds: number, samples: number) => void;

export class Trips {
  readonly #channel: TripChannel;
  readonly #measured: Measured;
  readonly #now: () => number;
  readonly #step: number;
  /** When each nonce that is on its way was sent. */
  readonly #asked = new Map<string, number>();
  #found: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(channel: TripChannel, measured: Measured, now = () => performance.now()) {
    [this.#channel, this.#measured, this.#now] = [channel, measured, now];
    this.#step = stepOf(now);
    channel.binaryType = "arraybuffer";
    channel.onopen = () => this.#round(FIRST);
    channel.onmessage = ({ data }) => this.#answered(data);
    channel.onclose = () => this.close();
  }

  /** As at first, and now: of what was asked before, nothing counts. */
  again(): void {
    this.#asked.clear();
    this.#found = [];
    this.#round(FIRST);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asked.clear();
    this.#channel.onmessage = this.#channel.onopen = this.#channel.onclose = null;
    this.#channel.close();
  }

  /** Asks so many times, and tells what came of it once the last answer has had its time. */
  #round(left: number): void {
    if (this.#channel.readyState !== "open") return;
    if (left > 0) {
      this.#ask();
      this.#after(SPACED_MS, () => this.#round(left - 1));
      return;
    }
    const waits = this.#asked.size > 0 ? PATIENCE_MS : 0;
    this.#after(waits, () => {
      this.#asked.clear();
      this.#tell();
      this.#after(EVERY_MS, () => this.#round(LATER));
    });
  }

  #ask(): void {
    if (this.#channel.bufferedAmount > MOST_BUFFERED) return;
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    this.#asked.set(nonce.join(" "), this.#now());
    this.#channel.send(nonce);
  }

  #answered(data: unknown): void {
    const now = this.#now();
    if (!(data instanceof ArrayBuffer)) return;
    const nonce = new Uint8Array(data).join(" ");
    const asked = this.#asked.get(nonce);
    // Who answers before they were asked, or twice, has to guess 16 bytes.
    if (asked === undefined) return;
    this.#asked.delete(nonce);
    this.#found.push(now - asked);
    // Soon, so that nobody waits for the others.
    if (this.#found.length >= LATER) this.#tell();
  }

  #tell(): void {
    const found = this.#found;
    this.#found = [];
    if (found.length > 0 && this.#step < Infinity)
      this.#measured(Math.min(...found) + this.#step, found.length);
  }

  #after(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, milliseconds);
  }
}

/** Of the clock. */
const STEPS = 8;
const LONGEST_LOOK = 100_000;

/**
 * What two readings of a clock may leave out of the time between them. Browsers show time in steps, rounded or with noise,
 * so that each reading may be a step from the truth. Of a clock whose steps are not seen nothing is known.
 */
export function stepOf(now: () => number): number {
  let least = Infinity;
  let before = now();
  for (let [seen, looks] = [0, 0]; seen < STEPS && looks < LONGEST_LOOK; looks++) {
    const time = now();
    if (time <= before) continue;
    [least, before, seen] = [Math.min(least, time - before), time, seen + 1];
  }
  return 2 * least;
}
