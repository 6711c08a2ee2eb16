// Responsible for: people with keys and a clock that stands still, for tests.
// Not responsible for: what is expected of them.
import type { Bytes } from "./bytes";
import { Frames, type Clock, type Codec, type Outcome, type Slot } from "./frames";
import { KeyRing, type EpochKeys } from "./keyring";
import { MICROPHONE, type StreamContext } from "./kid";

/** Time that stands still until a test moves it. */
export class Time implements Clock {
  #now = 0;
  #waiting: { at: number; wake: () => void }[] = [];
  now = () => this.#now;
  after = (milliseconds: number) =>
    new Promise<void>((wake) => this.#waiting.push({ at: this.#now + milliseconds, wake }));
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const { at, wake } of this.#waiting) if (at <= this.#now) wake();
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now);
  }
}

/** The base key of a leaf in an epoch of this group, the same for all its members. */
const baseKey = (group: number, epoch: number, leaf: number): Bytes =>
  new Uint8Array(16).fill(group * 64 + epoch * 8 + leaf);

export const [ANN, BEN] = [0, 1];
export const sound: Bytes = new Uint8Array([0x78, 1, 2, 3]);

export class Person {
  readonly ring = new KeyRing();
  readonly frames: Frames;
  readonly #leaf: number;
  readonly #time: Time;
  slot: Slot | null;

  constructor(leaf: number, slot: Slot | null, time: Time) {
    this.frames = new Frames(this.ring, time);
    this.#time = time;
    this.#leaf = leaf;
    this.slot = slot;
    this.frames.setOpen(true);
  }

  install(epoch: number, change: Partial<EpochKeys> & { group?: number } = {}): void {
    const keys = {
      epoch,
      own_leaf: this.#leaf,
      leaves: [{ leaf: ANN }, { leaf: BEN }],
      close_old_after_ms: 10_000,
      switch_after_ms: 500,
      ...change,
    };
    const group = change.group ?? 0;
    this.ring.install(keys, (leaf) => baseKey(group, epoch, leaf), this.#time.now());
    this.frames.reconsider();
  }

  open(data: Bytes, codec: Codec = "opus"): Promise<Outcome> {
    return this.frames.open(() => this.slot, codec, data);
  }

  /** Like `frames.seal`, where it must not be dropped. */
  async seal(
    data = sound,
    context: StreamContext = MICROPHONE,
    codec: Codec = context % 2 === 0 ? "opus" : "vp8",
  ): Promise<Bytes> {
    const outcome = await this.frames.seal(context, codec, data);
    if ("drop" in outcome) throw new Error(outcome.drop);
    return outcome.data;
  }
}
