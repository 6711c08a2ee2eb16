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

const isContext = (context: number): context is StreamContext =>
  Number.isInteger(context) && context >= 0 && context <= 3;
/** The odd ones are pictures. */
const kindOf = (context: StreamContext) => (context % 2 === 0 ? "audio" : "video");
const nameOf = (leaf: number, context: StreamContext) => `${leaf} ${context}`;

export class Streams {
  readonly #streams = new Map<string, MediaStream>();
  readonly #heights = new Map<string, number>();
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
      if (kindOf(context) !== line.kind) continue;
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

  setHeight(leaf: number, context: StreamContext, height: number): void {
    this.#heights.set(nameOf(leaf, context), height);
  }

  /** What the page shows, in the server's terms. */
  wants(): { mid: string; height: number }[] {
    return this.#slots.flatMap(({ mid, leaf, context }) => {
      if (leaf === null || !isContext(context)) return [];
      const height = this.#heights.get(nameOf(leaf, context));
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
