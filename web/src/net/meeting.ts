// Responsible for: one meeting for the page: worker, socket, devices and call joined together.
// Not responsible for: rules and keys (worker), media (call.ts), what is shown (state/, views/).
import type { FromWorker, PageInput, ToWorker } from "../e2ee/messages";
import { CODES, Problem } from "../e2ee/problem";
import type { MeetingClient, RulesChange } from "../state/client";
import type { DeviceKind, PageEvent, Phase, StreamContext } from "../state/events";
import type { Whereabouts } from "../state/node";
import { forget, remember, wasIn } from "./again";
import { Call } from "./call";
import { Devices } from "./devices";
import { ServerDirectory } from "./directory";
import { refusalOf } from "./http";
import { Network } from "./network";
import { Receipts } from "./receipts";
import { canShare, Screen } from "./screen";
import { SignallingSocket, signallingUrl } from "./socket";
import { missing } from "./support";
import { keepWhereabouts, locate, recallWhereabouts, whereaboutsInput } from "./whereabouts";
import { newWorker } from "./worker";

const OVER: Phase[] = ["left", "removed", "denied", "stopped"];

export class Meeting implements MeetingClient {
  readonly link: string | null;
  readonly directory = new ServerDirectory();
  readonly locate = locate;
  readonly canShare = canShare();
  readonly propose = (id: number, change: RulesChange) => this.#input({ t: "propose", id, change });
  readonly #receipts = new Receipts();
  readonly receipt = (place: boolean) => this.#receipts.of(this.#worker, place);
  readonly #meeting: string;
  #key: string | null;
  readonly #listeners = new Set<(event: PageEvent) => void>();
  #unheard: PageEvent[] = [];
  #worker: Worker | null = null;
  #phase: Phase = "connecting";
  #name = "";
  readonly #devices = new Devices({
    event: (event) => {
      this.#emit(event);
      if (event.t !== "media") return;
      this.#input({ t: "state", ...this.#devices.state });
      this.#remember();
    },
    tracks: (microphone, camera) => this.#call.send(microphone, camera),
  });
  readonly #screen = new Screen({
    event: (event) => this.#emit(event),
    shared: (shared) => this.#call.share(shared),
  });
  readonly stopSharing = () => this.#screen.stop();
  readonly #call = new Call({
    worker: () => this.#worker,
    tell: (message) => this.#tell(message),
    emit: (event) => this.#emit(event),
    silent: () => this.#socket.probe(),
    tracks: () => ({ ...this.#devices.tracks, screen: this.#screen.shared }),
  });
  readonly #socket: SignallingSocket;
  readonly #network = new Network({
    back: () => {
      this.#socket.renew();
      this.#call.restart();
    },
    gone: () => this.#socket.drop(),
    moved: () => this.#call.restart(),
  });

  constructor(meeting: string, key: string | null) {
    [this.#meeting, this.#key] = [meeting, key];
    this.link = key === null ? null : `${location.origin}/m/${meeting}#${key}`;
    this.#socket = new SignallingSocket(
      {
        open: () => this.#input({ t: "online" }),
        message: (message) => {
          if (!this.#call.heard(message)) this.#input({ t: "server", message });
        },
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
    this.#network.watch();
    const again = wasIn(this.#meeting);
    if (again !== null) this.#name = again.name;
    void this.#devices.open(again ?? undefined);
  }

  join(name: string): void {
    this.#name = name;
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

  amend(change: RulesChange): void {
    this.#input({ t: "amend", change });
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

  askCode(): void {
    this.#input({ t: "code" });
  }

  setWhereabouts(whereabouts: Whereabouts | null): void {
    keepWhereabouts(whereabouts);
    this.#saysPlace(whereabouts);
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
      case "opened": {
        const said = recallWhereabouts();
        if (said !== null) this.#saysPlace(said);
        this.#socket.start();
        if (this.#name !== "") this.join(this.#name);
        break;
      }
      case "send":
        this.#socket.send(message.message);
        this.#call.said(message.message.t);
        break;
      case "answer":
        this.#call.answered(message.sdp);
        break;
      case "measure":
        this.#call.measure();
        break;
      case "renew":
        this.#socket.renew();
        break;
      case "counts":
        this.#network.awake();
        this.#call.counted(message.counts);
        break;
      case "event":
        if (message.event.t === "phase") this.#setPhase(message.event.phase, message.event.code);
        else {
          if (message.event.t === "meeting") this.#call.direct = message.event.mode === "link";
          this.#emit(message.event);
        }
        break;
      default:
        this.#receipts.hear(message);
    }
  }

  #saysPlace(whereabouts: Whereabouts | null): void {
    this.#input(whereaboutsInput(whereabouts));
    this.#emit({ t: "whereabouts", whereabouts });
  }

  #setPhase(phase: Phase, code?: string): void {
    const before = this.#phase;
    this.#phase = phase;
    this.#emit(code === undefined ? { t: "phase", phase } : { t: "phase", phase, code });
    // Media does not end with the signalling: what still flows flows on until we are back.
    if (phase === "in" && before !== "in") {
      this.#call.resume();
      this.#input({ t: "state", ...this.#devices.state });
    } else if (phase === "lost") this.#call.hold();
    else if (phase !== "in") this.#call.outside(phase);
    if (phase === "waiting") this.#screen.stop(); // nobody sees it from there, its owner neither
    this.#remember();
    if (OVER.includes(phase)) {
      forget();
      this.#close();
    }
  }

  /** For this page, when it is loaded again. */
  #remember(): void {
    if (this.#phase !== "in") return;
    remember({ meeting: this.#meeting, name: this.#name, ...this.#devices.wish });
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

  /** The devices go dark, the worker makes its last receipt and ends with its keys; nothing comes back by itself. */
  #close(): void {
    const parts = [this.#network, this.#socket, this.#devices, this.#screen, this.directory];
    for (const part of parts) part.close();
    if (this.#worker !== null) this.#receipts.close(this.#worker);
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
