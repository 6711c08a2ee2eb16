// Responsible for: noticing that no packet comes any more over a connection that was alive.
// Not responsible for: what follows from it (meeting.ts).

export class Silence {
  readonly #silent: () => void;
  #packets: number | null = null;

  /**
   * `silent`: again each second until something comes. Who sends anything is told ten times a second how it arrives: one
   * second without a packet is no chance.
   */
  constructor(silent: () => void) {
    this.#silent = silent;
  }

  /** Every second: how many packets have come so far; null in a browser that does not say. */
  heard(packets: number | null): void {
    if (packets !== null && packets > 0 && packets === this.#packets) this.#silent();
    this.#packets = packets;
  }
}
