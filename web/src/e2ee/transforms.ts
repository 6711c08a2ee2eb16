// Responsible for: the frames of one WebRTC line, from the browser through Frames and back.
// Not responsible for: sealing or opening (frames.ts); which member a line shows (session.ts).
import { codecOf, isVp8Key } from "./frames";
import type { Codec, Frames, Kind, Outcome, Slot } from "./frames";
import type { StreamContext } from "./kid";

/** What the page says of a line when it makes the transform. */
export type Line =
  | { role: "sender"; line: number; kind: Kind; context: StreamContext }
  | { role: "receiver"; line: number; kind: Kind };

interface EncodedFrame {
  data: ArrayBuffer;
  /** Of a picture. */
  readonly type?: string;
  getMetadata(): { mimeType?: string };
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
  /** No key opened it. What comes while media is closed is not tried, and not counted. */
  unopened: number;
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
    const counts = { line: options.line, passed: 0, unopened: 0 };
    this.#counts.set(options.line, counts);
    const work = options.role === "sender" ? this.#sender(options) : this.#receiver(transformer);
    if (options.role === "sender" && options.kind === "video") this.#cameras.add(transformer);
    const transform = async (
      frame: EncodedFrame,
      controller: TransformStreamDefaultController<EncodedFrame>,
    ) => {
      const codec = codecOf(options.kind, frame.getMetadata().mimeType);
      const outcome = await work(new Uint8Array(frame.data), codec, frame);
      if ("drop" in outcome) {
        if (outcome.drop !== "closed") counts.unopened++;
        return; // never passed on: not as it is, and not empty
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

  /** What passed and what did not open on each line since this was last asked. */
  takeCounts(): LineCounts[] {
    const taken = [...this.#counts.values()].map((counts) => ({ ...counts }));
    for (const counts of this.#counts.values()) counts.passed = counts.unopened = 0;
    return taken;
  }

  #sender(options: Line & { role: "sender" }) {
    return (data: Uint8Array<ArrayBuffer>, codec: Codec): Promise<Outcome> =>
      this.#frames.seal(options.context, codec, data);
  }

  #receiver(transformer: Transformer) {
    const { line, kind } = transformer.options;
    let [broken, asked] = [false, -Infinity];
    const isKey = (codec: Codec, frame: EncodedFrame, data: Uint8Array) =>
      codec === "vp8" ? isVp8Key(data) : frame.type === "key";
    return async (
      data: Uint8Array<ArrayBuffer>,
      codec: Codec,
      frame: EncodedFrame,
    ): Promise<Outcome> => {
      const outcome = await this.#frames.open(() => this.#slot(line), codec, data);
      if (kind === "audio") return outcome;
      if ("drop" in outcome) broken = true;
      else if (isKey(codec, frame, outcome.data)) broken = false;
      else if (broken && performance.now() - asked > KEY_FRAME_EVERY_MS) {
        asked = performance.now();
        transformer.sendKeyFrameRequest?.().catch(() => undefined);
      }
      return outcome;
    };
  }
}
