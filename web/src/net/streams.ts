// Responsible for: whose sound and picture each line carries, as streams that stay the same objects.
// Not responsible for: believing it (the worker checks every frame's key) or the lines themselves.
import type { LineSlot } from "../e2ee/messages";
import type { StreamContext, Track } from "../state/events";
import type { Lines } from "./lines";

/** One line of the server's `slots`. */
export interface Slot {
  mid: string;
  leaf: number | null;
  context: number;
}

const isContext = (context: number): context is StreamContext => context === 0 || context === 1;
const nameOf = (leaf: number, context: StreamContext) => `${leaf} ${context}`;

export class Streams {
  readonly #streams = new Map<string, MediaStream>();
  readonly #heights = new Map<number, number>();
  #slots: Slot[] = [];

  setSlots(slots: Slot[]): void {
    this.#slots = slots;
  }

  get(leaf: number, context: StreamContext): MediaStream | null {
    return this.#streams.get(nameOf(leaf, context)) ?? null;
  }

  /** Puts each line's track into its owner's stream, and takes it out of everybody else's. */
  arrange(lines: Lines): { tracks: Track[]; slots: LineSlot[] } {
    const [tracks, slots]: [Track[], LineSlot[]] = [[], []];
    const wanted = new Map<string, MediaStreamTrack>();
    for (const { mid, leaf, context } of this.#slots) {
      const line = lines.byMid(mid);
      if (line === null || leaf === null || !isContext(context)) continue;
      if ((context === 0) !== (line.kind === "audio")) continue;
      wanted.set(nameOf(leaf, context), line.transceiver.receiver.track);
      tracks.push({ leaf, context, mid });
      slots.push({ line: line.line, leaf, context });
    }
    for (const [name, stream] of this.#streams) if (!wanted.has(name)) this.#fill(stream, null);
    for (const [name, track] of wanted) {
      const stream = this.#streams.get(name) ?? new MediaStream();
      this.#streams.set(name, stream);
      this.#fill(stream, track);
    }
    return { tracks, slots };
  }

  setHeight(leaf: number, height: number): void {
    this.#heights.set(leaf, height);
  }

  /** What the page shows, in the server's terms. */
  wants(): { mid: string; height: number }[] {
    return this.#slots.flatMap(({ mid, leaf, context }) => {
      const height = leaf === null || context !== 1 ? undefined : this.#heights.get(leaf);
      return height === undefined ? [] : [{ mid, height }];
    });
  }

  /** The connection and its lines are gone; the next one fills the same streams. */
  clear(): void {
    this.#slots = [];
    for (const stream of this.#streams.values()) this.#fill(stream, null);
  }

  #fill(stream: MediaStream, track: MediaStreamTrack | null): void {
    for (const old of stream.getTracks()) if (old !== track) stream.removeTrack(old);
    if (track !== null && !stream.getTracks().includes(track)) stream.addTrack(track);
  }
}
