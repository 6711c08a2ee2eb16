// Responsible for: the one peer connection: offers, answers, what is sent, where it really goes.
// Not responsible for: checking answers (core/e2ee) or who sits on which line (streams.ts).
import { CODES } from "../e2ee/problem";
import type { ConnectionState } from "../state/events";
import { LARGEST_POOL, Lines } from "./lines";
import type { Shared } from "./screen";
import { isAead, read } from "./statistics";

export interface PeerHandlers {
  offer(sdp: string): void;
  /** Where media is sent, once its protection is known to be AEAD; again when it changes. */
  remote(address: string, port: number): void;
  state(state: ConnectionState): void;
  /** The lines have their mids: what was said of mids can be looked up. */
  negotiated(): void;
  levels(levels: Map<string, number>): void;
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

const SOON_MS = 50;
const EVERY_MS = 1000;

export class Peer {
  readonly #connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  readonly #handlers: PeerHandlers;
  readonly lines: Lines;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #missing = 0;
  /** Lines have changed since the offer that is on its way. */
  #stale = false;
  #remote = "";
  #closed = false;

  constructor(worker: Worker, handlers: PeerHandlers) {
    this.#handlers = handlers;
    this.lines = new Lines(this.#connection, worker);
    this.#connection.onconnectionstatechange = () => this.#stateChanged();
  }

  async start({ microphone, camera, screen }: Sent): Promise<void> {
    this.#handlers.state("new");
    await this.lines.send(microphone, camera);
    await this.lines.share(screen);
    await this.#offer();
    this.#watch();
  }

  /** Only for answers that the participant has checked and passed on. */
  async answered(sdp: string): Promise<void> {
    if (this.#closed || this.#connection.signalingState !== "have-local-offer") return;
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
    } catch (thrown) {
      this.#handlers.broken(CODES.negotiation, String(thrown));
      return;
    }
    this.#busy = false;
    this.#handlers.negotiated();
    if (this.#missing > 0) await this.need(this.#missing);
    else if (this.#stale) await this.#offer();
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

  async share(shared: Shared | null): Promise<void> {
    if (!(await this.lines.share(shared)) || this.#closed) return;
    this.#stale = true;
    if (!this.#busy) await this.#offer();
  }

  /** The server has more to show than there are lines for. */
  async need(pairs: number): Promise<void> {
    this.#missing = this.#busy ? pairs : 0;
    const more = Math.min(pairs, LARGEST_POOL - this.lines.pairs);
    if (this.#busy || more <= 0) return;
    this.lines.addPool(more);
    await this.#offer();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection.close();
  }

  async #offer(): Promise<void> {
    [this.#busy, this.#stale] = [true, false];
    await this.#connection.setLocalDescription();
    const sdp = this.#connection.localDescription?.sdp;
    if (!this.#closed && sdp !== undefined) this.#handlers.offer(sdp);
  }

  #stateChanged(): void {
    const state = this.#connection.connectionState;
    if (this.#closed) return;
    if (state === "failed") {
      this.#handlers.state("failed");
      this.#handlers.broken(CODES.unconnected, "No packets come through.");
    } else if (state === "connected" || state === "new") this.#handlers.state(state);
    else this.#handlers.state("connecting");
    // Long before it fails: checks on the old path may go unanswered for good.
    if (state === "disconnected") void this.restart();
  }

  /** Often until media has somewhere to go, then every second for as long as the call lasts. */
  #watch(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#remote === "" ? SOON_MS : EVERY_MS);
  }

  async #look(): Promise<void> {
    const { cipher, remote, levels } = await read(this.#connection);
    if (this.#closed) return;
    if (cipher !== null && !isAead(cipher)) {
      this.#handlers.refused(CODES.cipher, `The media connection uses ${cipher}.`);
      return;
    }
    if (cipher !== null && remote !== null) {
      const now = `${remote.address} ${remote.port}`;
      if (now !== this.#remote) this.#handlers.remote(remote.address, remote.port);
      this.#remote = now;
    }
    this.#handlers.levels(levels);
    this.#watch();
  }
}
