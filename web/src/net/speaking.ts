// Responsible for: who speaks: the server's word, or what this browser hears when it is silent.
// Not responsible for: showing it.
import type { Track } from "../state/events";

/** Louder than this is speech (RTCInboundRtpStreamStats.audioLevel, 1 is 0 dBov). */
const LOUD = 0.02;
/** After the server's last word for this long, this browser listens for itself. */
const TRUSTED_MS = 3000;

export class Speaking {
  readonly #say: (leaves: number[]) => void;
  readonly #now: () => number;
  #leaves = new Map<string, number>();
  #said = "";
  #toldAt = -Infinity;

  constructor(say: (leaves: number[]) => void, now: () => number = () => performance.now()) {
    this.#say = say;
    this.#now = now;
  }

  setTracks(tracks: Track[]): void {
    const sound = tracks.filter(({ context }) => context === 0);
    this.#leaves = new Map(sound.map(({ mid, leaf }) => [mid, leaf]));
  }

  told(leaves: number[]): void {
    this.#toldAt = this.#now();
    this.#change(leaves);
  }

  measured(levels: Map<string, number>): void {
    if (this.#now() - this.#toldAt < TRUSTED_MS) return;
    const loud = [...this.#leaves].filter(([mid]) => (levels.get(mid) ?? 0) > LOUD);
    this.#change(loud.map(([, leaf]) => leaf));
  }

  #change(leaves: number[]): void {
    const said = leaves.join();
    if (said === this.#said) return;
    this.#said = said;
    this.#say(leaves);
  }
}
