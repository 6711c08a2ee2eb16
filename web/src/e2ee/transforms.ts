// Responsible for: the frames of one WebRTC line, from the browser through Frames and back.
// Not responsible for: sealing or opening (frames.ts); which member a line shows (session.ts).
import { isVp8Key, type Frames, type Kind, type Outcome, type Slot } from "./frames";
import type { StreamContext } from "./kid";

/** What the page says of a line when it makes the transform. */
export type Line =
  | { role: "sender"; line: number; kind: Kind; context: StreamContext }
  | { role: "receiver"; line: number; kind: Kind };

interface EncodedFrame {
  data: ArrayBuffer;
}

/** RTCRtpScriptTransformer of WebRTC Encoded Transform, as far as it is used. */
export interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: Line;
  generateKeyFrame?(): Promise<unknown>;
  sendKeyFrameRequest?(): Promise<unknown>;
}

export interface LineCounts {
  line: number;
  passed: number;
  dropped: number;
}

/** A decoder that lost a frame waits up to 3 s before it asks for a key frame: ask for it. */
const KEY_FRAME_EVERY_MS = 300;

export class Transforms {
  readonly #frames: Frames;
  readonly #slot: (line: number) => Slot | null;
  readonly #counts = new Map<number, LineCounts>();
  readonly #cameras = new Set<Transformer>();

  constructor(frames: Frames, slot: (line: number) => Slot | null) {
    this.#frames = frames;
    this.#slot = slot;
  }

  attach(transformer: Transformer): void {
    const { options } = transformer;
    const counts = { line: options.line, passed: 0, dropped: 0 };
    this.#counts.set(options.line, counts);
    const work = options.role === "sender" ? this.#sender(options) : this.#receiver(transformer);
    if (options.role === "sender" && options.kind === "video") this.#cameras.add(transformer);
    const transform = async (
      frame: EncodedFrame,
      controller: TransformStreamDefaultController<EncodedFrame>,
    ) => {
      const outcome = await work(new Uint8Array(frame.data));
      if ("drop" in outcome) {
        counts.dropped++; // never passed on: not as it is, and not empty
        return;
      }
      counts.passed++;
      frame.data = outcome.data.buffer;
      controller.enqueue(frame);
    };
    const ended = () => {
      this.#counts.delete(options.line);
      this.#cameras.delete(transformer);
    };
    transformer.readable
      .pipeThrough(new TransformStream({ transform }))
      .pipeTo(transformer.writable)
      .then(ended, ended);
  }

  /** What was dropped while closed cannot be decoded without: begin with key frames. */
  refreshCameras(): void {
    for (const camera of this.#cameras) camera.generateKeyFrame?.().catch(() => undefined);
  }

  /** What passed and what was dropped on each line since this was last asked. */
  takeCounts(): LineCounts[] {
    const taken = [...this.#counts.values()].map((counts) => ({ ...counts }));
    for (const counts of this.#counts.values()) counts.passed = counts.dropped = 0;
    return taken;
  }

  #sender(options: Line & { role: "sender" }) {
    return (data: Uint8Array<ArrayBuffer>): Promise<Outcome> =>
      this.#frames.seal(options.context, options.kind, data);
  }

  #receiver(transformer: Transformer) {
    const { line, kind } = transformer.options;
    let [broken, asked] = [false, -Infinity];
    return async (data: Uint8Array<ArrayBuffer>): Promise<Outcome> => {
      const outcome = await this.#frames.open(() => this.#slot(line), kind, data);
      if (kind === "audio") return outcome;
      if ("drop" in outcome) broken = true;
      else if (isVp8Key(outcome.data)) broken = false;
      else if (broken && performance.now() - asked > KEY_FRAME_EVERY_MS) {
        asked = performance.now();
        transformer.sendKeyFrameRequest?.().catch(() => undefined);
      }
      return outcome;
    };
  }
}
