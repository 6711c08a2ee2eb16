// Responsible for: saying whether a counter of one KID was seen before.
// Not responsible for: whether the frame is genuine; only genuine frames may be marked as seen.

const WORDS = 32;
const WIDTH = WORDS * 32;

/** A sliding window: what is older than it counts as seen (RFC 9605 section 9.3). */
export class ReplayWindow {
  #highest = -1;
  readonly #bits = new Uint32Array(WORDS);

  fresh(ctr: number): boolean {
    if (ctr > this.#highest) return true;
    if (ctr <= this.#highest - WIDTH) return false;
    const [word, bit] = this.#place(ctr);
    return ((this.#bits[word] ?? 0) & bit) === 0;
  }

  /** Marks a counter; false when another frame with it was marked meanwhile. */
  mark(ctr: number): boolean {
    if (!this.fresh(ctr)) return false;
    if (ctr > this.#highest) {
      if (ctr - this.#highest >= WIDTH) this.#bits.fill(0);
      else for (let gone = this.#highest + 1; gone <= ctr; gone++) this.#clear(gone);
      this.#highest = ctr;
    }
    const [word, bit] = this.#place(ctr);
    this.#bits[word] = (this.#bits[word] ?? 0) | bit;
    return true;
  }

  #clear(ctr: number): void {
    const [word, bit] = this.#place(ctr);
    this.#bits[word] = (this.#bits[word] ?? 0) & ~bit;
  }

  #place(ctr: number): [word: number, bit: number] {
    const place = ctr % WIDTH;
    return [Math.floor(place / 32), 1 << (place % 32)];
  }
}
