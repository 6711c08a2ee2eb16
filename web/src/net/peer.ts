// Responsible for: the one peer connection: offers, answers, what is sent, where it really goes.
// Not responsible for: checking answers (core/e2ee) or who sits on which line (streams.ts).
import { CODES } from "../e2ee/problem";
import type { ConnectionState } from "../state/events";
import type { CameraCodec } from "./codecs";
import { LARGEST_POOL, Lines } from "./lines";
import type { Shared } from "./screen";
import { Silence } from "./silence";
import { isAead, read } from "./statistics";
import { LABEL, Trips } from "./trips";

export interface PeerHandlers {
  offer(sdp: string): void;
  /** Where media is sent, once its protection is known to be AEAD; again when it changes. */
  remote(address: string, port: number): void;
  state(state: ConnectionState): void;
  /** The lines have their mids: what was said of mids can be looked up. */
  negotiated(): void;
  levels(levels: Map<string, number>): void;
  /** The least time there and back to where media goes, of so many. */
  trip(milliseconds: number, samples: number): void;
  /** Nothing has come for a second; said again each second until something does. */
  silent(): void;
  /** This connection is over; another one may do better. */
  broken(code: string, detail: string): void;
  /** This connection is over, and another one would be no better. */
  refused(code: string, detail: string): void;
}

/** All that one sends. */
export interface Sent {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  screen: Shared | null;
}

/** An offer is answered in a moment, or not at all: the server, or what is between, lost it. */
const ANSWER_MS = 10_000;
const SOON_MS = 50;
const EVERY_MS = 1000;

export class Peer {
  readonly #connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  readonly #handlers: PeerHandlers;
  readonly lines: Lines;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** The first offer, once it is being made. */
  #first: Promise<void> | null = null;
  #started = false;
  #unanswered = 0;
  #held = false;
  /** An offer is on its way, or about to be made: what changes meanwhile waits for the next one. */
  #busy = true;
  #missing = 0;
  /** What everybody can decode a camera in. */
  #codec: CameraCodec = "VP8";
  /** Lines have changed since the offer that is on its way. */
  #stale = false;
  #remote = "";
  readonly #silence: Silence;
  readonly #trips: Trips;
  #closed = false;

  constructor(worker: Worker, handlers: PeerHandlers) {
    this.#handlers = handlers;
    this.#silence = new Silence(() => handlers.silent());
    this.lines = new Lines(this.#connection, worker);
    // What is lost is not sent again: it would have been on its way for longer than the way is.
    const channel = this.#connection.createDataChannel(LABEL, {
      ordered: false,
      maxRetransmits: 0,
    });
    this.#trips = new Trips(channel, (milliseconds, samples) =>
      handlers.trip(milliseconds, samples),
    );
    this.#connection.onconnectionstatechange = () => this.#stateChanged();
  }

  /** Not known to be over. */
  get alive(): boolean {
    return !this.#closed && !["failed", "closed"].includes(this.#connection.connectionState);
  }

  get started(): boolean {
    return this.#started;
  }

  /** Makes the first offer, which the participant keeps until we are in: what takes a while and needs nobody else. */
  async prepare({ microphone, camera, screen }: Sent): Promise<void> {
    // At once: what is sent from now on comes after it, and is not undone by what was to be sent before.
    const sent = Promise.all([this.lines.send(microphone, camera), this.lines.share(screen)]);
    this.#first ??= sent.then(() => this.#describe());
    await this.#first;
  }

  async start(sent: Sent): Promise<void> {
    this.#started = true;
    this.#handlers.state("new");
    await this.prepare(sent);
    this.#expectAnswer();
    this.#watch();
  }

  /** Only for answers that the participant has checked and passed on. */
  async answered(sdp: string): Promise<void> {
    if (this.#closed || this.#connection.signalingState !== "have-local-offer") return;
    clearTimeout(this.#patience);
    this.#unanswered = 0;
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
    } catch (thrown) {
      this.#handlers.broken(CODES.negotiation, String(thrown));
      return;
    }
    this.#busy = false;
    void this.lines.sendCameraIn(this.#codec);
    this.#handlers.negotiated();
    const offered = await this.need(this.#missing);
    if (!offered && this.#stale) await this.#offer();
  }

  /**
   * The network changed, or nothing comes through: other connectivity checks, from wherever this device is now,
   * on the same connection (RFC 8445 section 2.4). Keys, lines and streams stay what they are.
   */
  async restart(): Promise<void> {
    if (this.#closed || this.#connection.connectionState === "new") return;
    this.#connection.restartIce();
    this.#stale = true;
    if (!this.#busy) await this.#offer();
  }

  /** The signalling was gone, and with it perhaps an offer or its answer; and the network may be another one. */
  async resume(): Promise<void> {
    this.#connection.restartIce();
    [this.#busy, this.#held] = [false, false];
    await this.#offer();
  }

  /** The signalling is gone: nobody answers, and that is known until `resume`. */
  hold(): void {
    this.#held = true;
    clearTimeout(this.#patience);
  }

  async share(shared: Shared | null): Promise<void> {
    if (!(await this.lines.share(shared)) || this.#closed) return;
    this.#stale = true;
    if (!this.#busy) await this.#offer();
  }

  sendCameraIn(codec: CameraCodec): void {
    this.#codec = codec;
    void this.lines.sendCameraIn(codec);
  }

  /** The server has more to show than there are lines for. True: more of them are offered. */
  async need(pairs: number): Promise<boolean> {
    this.#missing = this.#busy ? pairs : 0;
    const more = Math.min(pairs, LARGEST_POOL - this.lines.pairs);
    if (this.#busy || more <= 0) return false;
    this.lines.addPool(more);
    await this.#offer();
    return true;
  }

  measure(): void {
    this.#trips.again();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
    this.#trips.close();
    this.#connection.close();
  }

  async #offer(): Promise<void> {
    // Before the server knows us again it would refuse it; `resume` offers.
    if (this.#held) return;
    await this.#describe();
    this.#expectAnswer();
  }

  async #describe(): Promise<void> {
    if (this.#connection.signalingState === "closed") return;
    [this.#busy, this.#stale] = [true, false];
    try {
      await this.#connection.setLocalDescription();
    } catch (thrown) {
      this.#first = null; // before we are in it is only tried again
      if (this.#started && !this.#closed) this.#handlers.broken(CODES.negotiation, String(thrown));
      return;
    }
    const sdp = this.#connection.localDescription?.sdp;
    if (!this.#closed && sdp !== undefined) this.#handlers.offer(sdp);
  }

  #expectAnswer(): void {
    clearTimeout(this.#patience);
    if (this.#closed || this.#held) return;
    this.#patience = setTimeout(() => void this.#again(), ANSWER_MS);
  }

  /** No answer came. While media flows, it is asked for once more; then the connection is given up, and that is said. */
  async #again(): Promise<void> {
    const flows = this.#connection.connectionState === "connected";
    if (flows && ++this.#unanswered < 2) await this.#offer();
    else this.#failed("The server does not answer the offer for picture and sound.");
  }

  #failed(detail: string): void {
    this.#handlers.state("failed");
    this.#handlers.broken(CODES.unconnected, detail);
  }

  #stateChanged(): void {
    const state = this.#connection.connectionState;
    if (this.#closed) return;
    if (state === "failed") this.#failed("No packets come through.");
    else if (state === "connected" || state === "new") this.#handlers.state(state);
    else this.#handlers.state("connecting");
    // Nothing may flow before it is known where to.
    if (state === "connected" && this.#remote === "") void this.#look();
    // Long before it fails: checks on the old path may go unanswered for good.
    if (state === "disconnected") void this.restart();
  }

  /** Often until media has somewhere to go, then every second for as long as the call lasts. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#remote === "" ? SOON_MS : EVERY_MS);
  }

  async #look(): Promise<void> {
    const { cipher, remote, packets, levels } = await read(this.#connection);
    if (this.#closed) return;
    if (cipher !== null && !isAead(cipher)) {
      this.#handlers.refused(CODES.cipher, `The media connection uses ${cipher}.`);
      return;
    }
    if (cipher !== null && remote !== null) {
      const now = `${remote.address} ${remote.port}`;
      if (now !== this.#remote) this.#handlers.remote(remote.address, remote.port);
      this.#remote = now;
      this.#silence.heard(packets);
    }
    this.#handlers.levels(levels);
    this.#watch();
  }
}
