// Responsible for: that a greeting which shows what beacons measured is decided with the borders at hand.
// Not responsible for: fetching them (borders.ts), or deciding (core/fence).

/** Without borders nothing is proven, and a fence that asks for proof would refuse a server that has it. */
export class Holding<Input extends { t: string }> {
  readonly #load: () => Promise<void>;
  #held: Input[] | null = null;
  #over = false;

  /** `load` has to end, whether it gets them or not. */
  constructor(load: () => Promise<void>) {
    this.#load = load;
  }

  /** Whether it is kept for now; then `hand` gets it in its turn. */
  keeps(input: Input, hand: (input: Input) => void): boolean {
    if (this.#over || (this.#held === null && !showsTranscripts(input))) return false;
    if (this.#held === null) void this.#load().then(() => this.#release(hand));
    (this.#held ??= []).push(input);
    return true;
  }

  #release(hand: (input: Input) => void): void {
    this.#over = true;
    for (const input of this.#held ?? []) hand(input);
    this.#held = null;
  }
}

function showsTranscripts(input: object): boolean {
  const { message } = input as { message?: { t?: unknown; transcripts?: unknown } | null };
  const { t, transcripts } = message ?? {};
  return t === "hello" && Array.isArray(transcripts) && transcripts.length > 0;
}
