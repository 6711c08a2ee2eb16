// Responsible for: the media of a meeting: its connection, rebuilt when it breaks, and its streams.
// Not responsible for: who takes part (worker), signalling (meeting.ts), devices (devices.ts).
import type { PageInput, ToWorker } from "../e2ee/messages";
import { CODES } from "../e2ee/problem";
import type { LineCounts } from "../e2ee/transforms";
import type { PageEvent, Phase, StreamContext } from "../state/events";
import type { CameraCodec } from "./codecs";
import { Peer, type Sent } from "./peer";
import type { Shared } from "./screen";
import { Speaking } from "./speaking";
import { Streams, type Slot } from "./streams";
import { Unreadable } from "./unreadable";

export interface CallHandlers {
  /** The worker's frames and participant; null when it is over. */
  worker(): Worker | null;
  tell(message: ToWorker): void;
  emit(event: PageEvent): void;
  /** No media comes any more: perhaps nothing at all does. */
  silent(): void;
  /** What to send now. */
  tracks(): Sent;
}

/** A connection that broke is built anew after this, and twice as long after each failure. */
const REBUILD_MS = 500;
const LONGEST_REBUILD_MS = 30_000;
/** What the server says of media; the rest of its words is the participant's to judge. */
type MediaMessage =
  | { t: "slots"; slots: Slot[]; need: number; codec: CameraCodec }
  | { t: "speaking"; leaves: number[] }
  | { t: "resumed"; media: boolean }
  | { t: "error"; re: string | null };

/** What is said to be let in. */
const ENTERS = ["found", "knock", "rejoin"];

export class Call {
  /** Nobody has to be asked to come in. */
  direct = false;
  readonly #handlers: CallHandlers;
  readonly #streams = new Streams();
  readonly #speaking: Speaking;
  readonly #unreadable: Unreadable;
  #peer: Peer | null = null;
  #viewing = false;
  #rebuild: ReturnType<typeof setTimeout> | undefined;
  #wait = REBUILD_MS;
  #held = false;

  constructor(handlers: CallHandlers) {
    this.#handlers = handlers;
    this.#speaking = new Speaking((leaves) => handlers.emit({ t: "speaking", leaves }));
    this.#unreadable = new Unreadable((detail) => this.#problem(CODES.unreadable, detail));
  }

  /** Before we are in: made ready on this device only. Who has to be asked for makes nothing ready. */
  outside(phase: Phase): void {
    if (!this.direct || !["ready", "joining"].includes(phase)) this.disconnect();
    else if (this.#peer === null || this.#peer.started) this.#renew();
  }

  /** Returns whether nobody else has to hear it. */
  heard(message: { t: string }): boolean {
    const media = message as MediaMessage;
    if (media.t === "slots") this.#slots(media);
    else if (media.t === "speaking") this.#speaking.told(media.leaves);
    else {
      // The participant says why; but without an answer this connection leads nowhere.
      if (media.t === "error" && media.re === "offer") this.rebuild();
      // The server was restarted, or gave the media up: what is left of it leads nowhere.
      if (media.t === "resumed" && !media.media) this.disconnect();
      return false;
    }
    return true;
  }

  /** While the others answer that, there is time to make the first offer. */
  said(t: string): void {
    const waits = ENTERS.includes(t) && this.#peer?.started === false;
    if (waits) void this.#peer?.prepare(this.#handlers.tracks());
  }

  connect(): void {
    if (this.#peer === null || this.#peer.started) this.#renew();
    void this.#peer?.start(this.#handlers.tracks());
  }

  #renew(): void {
    this.disconnect();
    const worker = this.#handlers.worker();
    if (worker === null) return;
    this.#peer = new Peer(worker, {
      offer: (sdp) => this.#input({ t: "offer", sdp }),
      remote: (address, port) => this.#input({ t: "remote", address, port }),
      state: (state) => {
        if (state === "connected") this.#wait = REBUILD_MS;
        this.#handlers.emit({ t: "connection", state });
      },
      negotiated: () => this.#arrange(),
      levels: (levels) => this.#speaking.measured(levels),
      trip: (min_ms, samples) => this.#input({ t: "trip", min_ms, samples }),
      silent: () => this.#held || this.#handlers.silent(),
      broken: (code, detail) => {
        this.#problem(code, detail);
        this.rebuild();
      },
      refused: (code, detail) => {
        this.#problem(code, detail);
        this.disconnect();
      },
    });
  }

  /** Back in the meeting: goes on with the connection that there is, by whatever way leads there now. */
  resume(): void {
    this.#held = false;
    if (!this.#peer?.started || !this.#peer.alive) {
      this.connect();
      return;
    }
    void this.#peer.resume();
    this.#view();
  }

  /** What was measured of the way counts no more. */
  measure(): void {
    this.#peer?.measure();
  }

  /** The server is lost: what flows flows on, and nothing is agreed on anew until `resume`. */
  hold(): void {
    this.#held = true;
    this.#peer?.hold();
  }

  disconnect(): void {
    clearTimeout(this.#rebuild);
    if (this.#peer === null) return;
    this.#peer.close();
    this.#peer = null;
    this.#streams.clear();
    this.#handlers.tell({ t: "slots", slots: [] });
    this.#handlers.emit({ t: "tracks", tracks: [] });
  }

  rebuild(): void {
    this.disconnect();
    this.#rebuild = setTimeout(() => this.#held || this.connect(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_REBUILD_MS);
  }

  /** This device is on another network than before. */
  restart(): void {
    void this.#peer?.restart();
  }

  /** The participant has checked it: the right certificate at the right address. */
  answered(sdp: string): void {
    void this.#peer?.answered(sdp);
  }

  send(microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null): void {
    void this.#peer?.lines.send(microphone, camera);
  }

  share(shared: Shared | null): void {
    void this.#peer?.share(shared);
  }

  #slots({ slots, need, codec }: MediaMessage & { t: "slots" }): void {
    this.#peer?.sendCameraIn(codec);
    this.#streams.setSlots(slots);
    this.#arrange();
    if (need > 0) void this.#peer?.need(need);
  }

  /** While we are away the others may have keys that we are told of when we are back. */
  counted(counts: LineCounts[]): void {
    if (!this.#held) this.#unreadable.heard(counts);
  }

  stream(leaf: number, context: StreamContext): MediaStream | null {
    return this.#streams.get(leaf, context);
  }

  setView(leaf: number, context: StreamContext, height: number): void {
    this.#streams.setHeight(leaf, context, height);
    this.#view();
  }

  #arrange(): void {
    if (this.#peer === null) return;
    const { tracks, slots } = this.#streams.arrange(this.#peer.lines);
    this.#handlers.tell({ t: "slots", slots });
    this.#speaking.setTracks(tracks);
    this.#unreadable.setSlots(slots);
    this.#handlers.emit({ t: "tracks", tracks });
    this.#view();
  }

  /** At most one message for all that changes in one rendering. */
  #view(): void {
    if (this.#viewing) return;
    this.#viewing = true;
    queueMicrotask(() => {
      this.#viewing = false;
      const wants = this.#streams.wants();
      if (wants.length > 0) this.#input({ t: "view", wants });
    });
  }

  #input(input: PageInput): void {
    this.#handlers.tell({ t: "input", input });
  }

  #problem(code: string, detail: string): void {
    this.#handlers.emit({ t: "problem", code, detail, fatal: false });
  }
}
