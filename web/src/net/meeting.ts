// Responsible for: one meeting for the page: worker, socket, devices and call joined together.
// Not responsible for: rules and keys (worker), media (call.ts), what is shown (state/, views/).
import type { FromWorker, PageInput, ToWorker } from "../e2ee/messages";
import { CODES, Problem } from "../e2ee/problem";
import type { MeetingClient } from "../state/client";
import type { DeviceKind, PageEvent, Phase, StreamContext } from "../state/events";
import { Call } from "./call";
import { Devices } from "./devices";
import { refusalOf } from "./http";
import { canShare, Screen } from "./screen";
import { SignallingSocket, signallingUrl } from "./socket";
import type { Slot } from "./streams";
import { missing, networkChanges } from "./support";
import { newWorker } from "./worker";

const OVER: Phase[] = ["left", "removed", "denied", "stopped"];

/** What the server says of media; the rest of its words is the participant's to judge. */
type MediaMessage =
  | { t: "slots"; slots: Slot[]; need: number }
  | { t: "speaking"; leaves: number[] }
  | { t: "error"; re: string | null };

export class Meeting implements MeetingClient {
  readonly link: string | null;
  readonly #meeting: string;
  #key: string | null;
  readonly #listeners = new Set<(event: PageEvent) => void>();
  #unheard: PageEvent[] = [];
  #worker: Worker | null = null;
  #phase: Phase = "connecting";
  readonly #devices = new Devices({
    event: (event) => {
      this.#emit(event);
      if (event.t === "media") this.#input({ t: "state", ...this.#devices.state });
    },
    tracks: (microphone, camera) => this.#call.send(microphone, camera),
  });
  readonly #screen = new Screen({
    event: (event) => this.#emit(event),
    shared: (shared) => this.#call.share(shared),
  });
  readonly #call = new Call({
    worker: () => this.#worker,
    tell: (message) => this.#tell(message),
    emit: (event) => this.#emit(event),
    tracks: () => ({ ...this.#devices.tracks, screen: this.#screen.shared }),
  });
  readonly #socket: SignallingSocket;
  readonly #hurry = () => {
    this.#socket.hurry();
    this.#call.restart();
  };

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

  get localScreen(): MediaStream | null {
    return this.#screen.stream;
  }

  get canShare(): boolean {
    return canShare();
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
    networkChanges()?.addEventListener("change", this.#hurry);
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

  useDevice(kind: DeviceKind, id: string): void {
    void this.#devices.use(kind, id);
  }

  retryDevices(): void {
    void this.#devices.retry();
  }

  share(): void {
    void this.#screen.share();
  }

  stopSharing(): void {
    this.#screen.stop();
  }

  askCode(): void {
    this.#input({ t: "code" });
  }

  stream(leaf: number, context: StreamContext): MediaStream | null {
    return this.#call.stream(leaf, context);
  }

  setView(leaf: number, context: StreamContext, height: number): void {
    this.#call.setView(leaf, context, height);
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
      case "opened":
        this.#socket.start();
        break;
      case "send":
        this.#socket.send(message.message);
        break;
      case "answer":
        this.#call.answered(message.sdp);
        break;
      case "counts":
        this.#call.counted(message.counts);
        break;
      case "event":
        if (message.event.t === "phase") this.#setPhase(message.event.phase, message.event.code);
        else this.#emit(message.event);
    }
  }

  #received(message: { t: string }): void {
    const media = message as MediaMessage;
    if (media.t === "slots") this.#call.slots(media.slots, media.need);
    else if (media.t === "speaking") this.#call.speaking(media.leaves);
    else {
      // The participant says why; but without an answer this connection leads nowhere.
      if (media.re === "offer") this.#call.rebuild();
      this.#input({ t: "server", message });
    }
  }

  #setPhase(phase: Phase, code?: string): void {
    const before = this.#phase;
    this.#phase = phase;
    this.#emit(code === undefined ? { t: "phase", phase } : { t: "phase", phase, code });
    if (phase !== "in") this.#call.disconnect();
    else if (before !== "in") {
      this.#call.connect();
      this.#input({ t: "state", ...this.#devices.state });
    }
    if (OVER.includes(phase)) this.#close();
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
    networkChanges()?.removeEventListener("change", this.#hurry);
    this.#socket.close();
    this.#devices.close();
    this.#screen.close();
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
