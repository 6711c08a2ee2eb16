// Responsible for: one meeting for the page: worker, socket, peer and devices joined together.
// Not responsible for: rules and keys (worker), what the page shows (state/, views/).
import type { FromWorker, PageInput, ToWorker } from "../e2ee/messages";
import { CODES, Problem } from "../e2ee/problem";
import type { MeetingClient } from "../state/client";
import type { PageEvent, Phase, StreamContext } from "../state/events";
import { Devices } from "./devices";
import { refusalOf } from "./http";
import { Peer } from "./peer";
import { SignallingSocket, signallingUrl } from "./socket";
import { Speaking } from "./speaking";
import { Streams, type Slot } from "./streams";
import { missing } from "./support";
import { Unreadable } from "./unreadable";
import { newWorker } from "./worker";

const OVER: Phase[] = ["left", "removed", "denied", "stopped"];
/** A media connection that broke is built anew after this. */
const REBUILD_MS = 1000;

export class Meeting implements MeetingClient {
  readonly link: string | null;
  readonly #meeting: string;
  #key: string | null;
  readonly #listeners = new Set<(event: PageEvent) => void>();
  #unheard: PageEvent[] = [];
  #worker: Worker | null = null;
  #peer: Peer | null = null;
  #phase: Phase = "connecting";
  #viewing = false;
  #rebuild: ReturnType<typeof setTimeout> | undefined;
  readonly #streams = new Streams();
  readonly #speaking = new Speaking((leaves) => this.#emit({ t: "speaking", leaves }));
  readonly #unreadable = new Unreadable((detail) => this.#problem(CODES.unreadable, detail, false));
  readonly #devices = new Devices({
    event: (event) => {
      this.#emit(event);
      if (event.t === "media") this.#input({ t: "state", ...this.#devices.state });
    },
    tracks: (microphone, camera) => void this.#peer?.lines.send(microphone, camera),
  });
  readonly #socket: SignallingSocket;
  readonly #hurry = () => this.#socket.hurry();

  constructor(meeting: string, key: string | null) {
    this.#meeting = meeting;
    this.#key = key;
    this.link = key === null ? null : `${location.origin}/m/${meeting}#${key}`;
    this.#socket = new SignallingSocket(
      {
        open: () => this.#input({ t: "online" }),
        message: (message) => this.#received(message),
        lost: (ever) => this.#lost(ever),
      },
      () => new WebSocket(signallingUrl(meeting, location)),
    );
  }

  get localStream(): MediaStream | null {
    return this.#devices.stream;
  }

  open(): void {
    if (this.#worker !== null || OVER.includes(this.#phase)) return;
    this.#setPhase("connecting");
    const lack = missing();
    if (lack !== null) {
      this.#stop(lack);
      return;
    }
    const worker = newWorker();
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#told(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#stop(new Problem(CODES.core, event.message || "The worker did not start."));
    };
    this.#tell({ t: "open", meeting: this.#meeting, fragment: this.#key });
    this.#key = null;
    addEventListener("online", this.#hurry);
    void this.#devices.open();
  }

  join(name: string): void {
    this.#input({ t: "join", name });
  }

  leave(): void {
    this.#input({ t: "leave" });
  }

  admit(knock: string): void {
    this.#input({ t: "admit", knock });
  }

  deny(knock: string): void {
    this.#input({ t: "deny", knock });
  }

  remove(member: string): void {
    this.#input({ t: "remove", member });
  }

  chat(text: string): void {
    this.#input({ t: "chat", text });
  }

  setMuted(muted: boolean): void {
    void this.#devices.setMuted(muted);
  }

  setCamera(on: boolean): void {
    void this.#devices.setCamera(on);
  }

  useDevice(kind: "microphone" | "camera", id: string): void {
    void this.#devices.use(kind, id);
  }

  askCode(): void {
    this.#input({ t: "code" });
  }

  stream(leaf: number, context: StreamContext): MediaStream | null {
    return this.#streams.get(leaf, context);
  }

  setView(leaf: number, height: number): void {
    this.#streams.setHeight(leaf, height);
    this.#view();
  }

  subscribe(listener: (event: PageEvent) => void): () => void {
    this.#listeners.add(listener);
    const unheard = this.#unheard;
    this.#unheard = [];
    for (const event of unheard) listener(event);
    return () => this.#listeners.delete(listener);
  }

  #told(message: FromWorker): void {
    switch (message.t) {
      case "opened": {
        this.#socket.start();
        break;
      }
      case "send": {
        this.#socket.send(message.message);
        break;
      }
      case "answer":
        return void this.#peer?.answered(message.sdp);
      case "counts": {
        this.#unreadable.heard(message.counts);
        break;
      }
      case "event": {
        this.#event(message.event);
        break;
      }
    }
  }

  #event(event: PageEvent): void {
    if (event.t === "phase") {
      this.#setPhase(event.phase, event.code);
      return;
    }
    this.#emit(event);
  }

  /** What only says where media is goes past the participant; it decides all else. */
  #received(message: { t: string }): void {
    if (message.t === "slots") {
      this.#slots(message as unknown as { slots: Slot[]; need: number });
      return;
    }
    if (message.t === "speaking") {
      this.#speaking.told((message as unknown as { leaves: number[] }).leaves);
      return;
    }
    this.#input({ t: "server", message });
  }

  #slots({ slots, need }: { slots: Slot[]; need: number }): void {
    this.#streams.setSlots(slots);
    this.#arrange();
    if (need > 0) void this.#peer?.need(need);
  }

  #arrange(): void {
    if (this.#peer === null) return;
    const { tracks, slots } = this.#streams.arrange(this.#peer.lines);
    this.#tell({ t: "slots", slots });
    this.#speaking.setTracks(tracks);
    this.#unreadable.setSlots(slots);
    this.#emit({ t: "tracks", tracks });
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

  #setPhase(phase: Phase, code?: string): void {
    const before = this.#phase;
    this.#phase = phase;
    this.#emit(code === undefined ? { t: "phase", phase } : { t: "phase", phase, code });
    if (phase === "in" && before !== "in") this.#connect();
    if (phase !== "in") this.#disconnect();
    if (OVER.includes(phase)) this.#close();
  }

  #connect(): void {
    this.#disconnect();
    const worker = this.#worker;
    if (worker === null) return;
    this.#peer = new Peer(worker, {
      offer: (sdp) => this.#input({ t: "offer", sdp }),
      remote: (address, port) => this.#input({ t: "remote", address, port }),
      state: (state) => this.#emit({ t: "connection", state }),
      negotiated: () => this.#arrange(),
      levels: (levels) => this.#speaking.measured(levels),
      problem: (code, detail) => this.#problem(code, detail, false),
      broken: () => this.#rebuildSoon(),
    });
    const [microphone] = this.localStream?.getAudioTracks() ?? [];
    const [camera] = this.localStream?.getVideoTracks() ?? [];
    void this.#peer.start(microphone ?? null, camera ?? null);
    this.#input({ t: "state", ...this.#devices.state });
  }

  #disconnect(): void {
    clearTimeout(this.#rebuild);
    if (this.#peer === null) return;
    this.#peer.close();
    this.#peer = null;
    this.#streams.clear();
    this.#tell({ t: "slots", slots: [] });
    this.#emit({ t: "tracks", tracks: [] });
  }

  #rebuildSoon(): void {
    this.#disconnect();
    this.#rebuild = setTimeout(() => this.#connect(), REBUILD_MS);
  }

  #lost(ever: boolean): void {
    if (ever) {
      this.#input({ t: "offline" });
      if (this.#phase !== "lost") this.#setPhase("lost");
    } else void this.#explain();
  }

  /** A refused WebSocket says nothing; the same question over HTTP says why. */
  async #explain(): Promise<void> {
    const refusal = await refusalOf(`/api/v1/meetings/${encodeURIComponent(this.#meeting)}`);
    if (refusal !== null) this.#stop(refusal);
    else this.#problem(CODES.offline, "The server does not answer.", false);
  }

  #stop({ code, detail }: Problem): void {
    this.#problem(code, detail, true);
    this.#setPhase("stopped", code);
  }

  /** The devices go dark, the worker ends with its keys, and nothing comes back by itself. */
  #close(): void {
    removeEventListener("online", this.#hurry);
    this.#socket.close();
    this.#devices.close();
    this.#worker?.terminate();
    this.#worker = null;
  }

  #input(input: PageInput): void {
    this.#tell({ t: "input", input });
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #problem(code: string, detail: string, fatal: boolean): void {
    this.#emit({ t: "problem", code, detail, fatal });
  }

  #emit(event: PageEvent): void {
    if (this.#listeners.size === 0) this.#unheard.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}
