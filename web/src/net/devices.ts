// Responsible for: microphone, camera and speaker: which are used, muting, releasing, replacing lost ones.
// Not responsible for: sending what they give (peer.ts), how one is opened (capture.ts).
import { CODES } from "../e2ee/problem";
import type { Device, DeviceKind, DevicesEvent, MediaEvent, NoticeEvent } from "../state/events";
import { capture, captureBoth, together, type Kind } from "./capture";
import * as stock from "./inventory";

interface Handlers {
  event(event: DevicesEvent | MediaEvent | NoticeEvent): void;
  /** The tracks to send changed; null sends nothing. */
  tracks(microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null): void;
}

const KINDS = ["microphone", "camera"] as const;

export class Devices {
  readonly #handlers: Handlers;
  readonly tracks: Record<Kind, MediaStreamTrack | null> = { microphone: null, camera: null };
  /** What the person chose, remembered; and what is used for want of it, or because of it. */
  readonly #wished = stock.remembered();
  readonly #used: Record<DeviceKind, Device | null> = {
    microphone: null,
    camera: null,
    speaker: null,
  };
  readonly #problems: Record<Kind, string | null> = { microphone: null, camera: null };
  /** Of several questions for one kind, only the last one's answer counts. */
  readonly #turn: Record<Kind, number> = { microphone: 0, camera: 0 };
  #list = stock.NOTHING;
  #stream: MediaStream | null = null;
  /** What the person wants, whether or not it is there yet. */
  readonly wish = { muted: false, camera: true };
  #closed = false;
  /** One look after another: what came is told and taken once, however often the browser says that it did. */
  #looking = Promise.resolve();
  readonly #lookAgain = () => {
    const look = () => this.#plugged();
    this.#looking = this.#looking.then(look, look);
  };

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  get state(): { muted: boolean; camera: boolean } {
    const { microphone, camera } = this.tracks;
    return { muted: this.wish.muted || microphone === null, camera: camera !== null };
  }

  /** What is on, in one question if it can be; one without the other if it must be. A camera that is off stays dark. */
  async open({ muted, camera } = this.wish): Promise<void> {
    Object.assign(this.wish, { muted, camera });
    const media = stock.browserMedia();
    if (media === null) {
      this.#problems.microphone = this.#problems.camera = CODES.devices;
      this.#changed();
      return;
    }
    media.addEventListener("devicechange", this.#lookAgain);
    const turns = { ...this.#turn };
    this.#list = await stock.inventory();
    if (this.#closed) return;
    // Not asked for, nor off, meanwhile.
    const wanted = (kind: Kind) =>
      turns[kind] === this.#turn[kind] && (kind === "microphone" || this.wish.camera);
    if (!KINDS.every(wanted) || !(await this.#takeBoth(wanted))) {
      for (const kind of KINDS) {
        if (!wanted(kind)) continue;
        await this.#ask(kind);
        this.#changed(); // what is there is sent and seen before the next question is answered
      }
    }
    await this.#takeStock();
    await this.#prefer();
  }

  /** False: there are not both. */
  async #takeBoth(wanted: (kind: Kind) => boolean): Promise<boolean> {
    const known = (kind: Kind) =>
      stock.find(this.#list[kind], this.#wished[kind]) && this.#wished[kind];
    const ids = { microphone: known("microphone"), camera: known("camera") };
    const stream = await captureBoth(ids).catch(() => null);
    if (stream === null) return false;
    for (const kind of KINDS) {
      const tracks = kind === "camera" ? stream.getVideoTracks() : stream.getAudioTracks();
      if (!wanted(kind)) tracks.forEach((track) => track.stop());
      else if (tracks[0] !== undefined) this.#take(kind, tracks[0]);
    }
    this.#changed();
    return true;
  }

  /** Some browsers say which devices there are only once they gave one: then the wished one may be another. */
  async #prefer(): Promise<void> {
    for (const kind of KINDS) {
      const wished = stock.find(this.#list[kind], this.#wished[kind]);
      if (wished === null || this.tracks[kind] === null || this.#used[kind]?.id === wished.id) {
        continue;
      }
      this.#release(kind);
      await this.#ask(kind, [wished.id, null]);
      this.#changed();
      await this.#takeStock();
    }
  }

  async setMuted(muted: boolean): Promise<void> {
    this.wish.muted = muted;
    if (!muted && this.tracks.microphone === null) await this.#askAnew("microphone");
    else this.#changed();
  }

  /** Off releases the device: its light goes out. */
  async setCamera(on: boolean): Promise<void> {
    this.wish.camera = on;
    if (!on) {
      this.#release("camera");
      this.#problems.camera = null;
    }
    if (on && this.tracks.camera === null) await this.#askAnew("camera");
    else this.#changed();
  }

  async use(kind: DeviceKind, id: string): Promise<void> {
    this.#wished[kind] = id;
    stock.remember(this.#wished);
    const device = stock.find(this.#list[kind], id) ?? { id, label: "" };
    this.#used[kind] = device;
    if (kind !== "speaker" && !(kind === "camera" && !this.wish.camera)) {
      this.#release(kind); // some devices open only once
      const ids = [id, ...stock.order(this.#list[kind], null, id)];
      if (await this.#ask(kind, ids)) this.#instead(kind, device, "device-busy");
      this.#changed();
    }
    await this.#takeStock();
  }

  /** The person has allowed, plugged in or freed what was missing. */
  async retry(): Promise<void> {
    for (const kind of KINDS) {
      if (this.#problems[kind] === null) continue;
      await this.#ask(kind);
      this.#changed();
    }
    await this.#takeStock();
  }

  close(): void {
    this.#closed = true;
    stock.browserMedia()?.removeEventListener("devicechange", this.#lookAgain);
    this.#release("microphone");
    this.#release("camera");
    this.#stream = null;
  }

  /** True: its answer counts; of a later question, or after the end, nothing follows from it. */
  async #ask(kind: Kind, ids?: (string | null)[]): Promise<boolean> {
    if (this.#closed || stock.browserMedia() === null) return false;
    const turn = ++this.#turn[kind];
    const wanted = () => turn === this.#turn[kind];
    const order = ids ?? stock.order(this.#list[kind], this.#wished[kind], null);
    const captured = await capture(kind, order, wanted);
    if (!wanted()) {
      if ("track" in captured) captured.track.stop();
      return false;
    }
    if ("track" in captured) this.#take(kind, captured.track);
    else this.#problems[kind] = captured.problem;
    return true;
  }

  /** Somebody wants it now: what was wrong before is over until it turns out to be wrong still. */
  async #askAnew(kind: Kind): Promise<void> {
    if (this.#problems[kind] !== null && stock.browserMedia() !== null) {
      this.#problems[kind] = null;
      this.#changed();
    }
    await this.#ask(kind);
    this.#changed();
    await this.#takeStock(); // some browsers name devices of a kind only once they gave one of it
    await this.#prefer();
  }

  #take(kind: Kind, track: MediaStreamTrack): void {
    if (this.#closed || (kind === "camera" && !this.wish.camera)) {
      track.stop(); // too late
      return;
    }
    this.#release(kind);
    this.tracks[kind] = track;
    this.#problems[kind] = null;
    const id = track.getSettings().deviceId ?? "";
    this.#used[kind] = { id, label: track.label };
    track.onended = () => void this.#lost(kind, track);
  }

  #release(kind: Kind): void {
    this.#turn[kind]++;
    this.tracks[kind]?.stop();
    this.tracks[kind] = null;
  }

  /** Unplugged, or its permission withdrawn: the next best takes its place, and both are named. */
  async #lost(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (this.tracks[kind] !== track) return;
    this.#release(kind);
    this.#changed(); // nothing is sent meanwhile, and it is seen
    const gone = this.#used[kind];
    this.#list = await stock.inventory();
    const ids = stock.order(this.#list[kind], this.#wished[kind], gone?.id ?? null);
    if (!(await this.#ask(kind, ids))) return;
    const refused = kind === "camera" ? CODES.cameraRefused : CODES.microphoneRefused;
    if (this.#problems[kind] !== null && this.#problems[kind] !== refused) {
      this.#problems[kind] = CODES.deviceLost;
    }
    this.#instead(kind, gone, "device-lost");
    this.#changed();
    await this.#takeStock();
  }

  #instead(kind: Kind, gone: Device | null, why: NoticeEvent["kind"]): void {
    const now = this.#used[kind];
    if (this.#closed || this.tracks[kind] === null || now === null || now.id === gone?.id) return;
    this.#notice(kind, why, now, gone);
  }

  /** Something was plugged in or out. */
  async #plugged(): Promise<void> {
    const before = this.#list;
    await this.#takeStock();
    if (this.#closed) return;
    const told = new Set<string>(); // a headset is a microphone and a speaker
    for (const kind of [...KINDS, "speaker"] as const) {
      for (const device of stock.came(before[kind], this.#list[kind])) {
        const used = await this.#welcome(kind, device);
        if (told.has(device.label)) continue;
        if (device.label !== "") told.add(device.label);
        this.#notice(kind, used ? "device-used" : "device-found", device, null);
      }
    }
  }

  /** Takes what was plugged in, if it is the one that was wished for, or there was none. */
  async #welcome(kind: DeviceKind, device: Device): Promise<boolean> {
    const wished = this.#wished[kind] === device.id;
    if (kind === "speaker") {
      if (wished) await this.#takeStock();
      return wished;
    }
    const lacking = this.#problems[kind] !== null;
    if (!lacking && (!wished || (kind === "camera" && !this.wish.camera))) return false;
    await this.#ask(kind, [device.id]);
    this.#changed();
    await this.#takeStock();
    return this.tracks[kind] !== null && this.#used[kind]?.id === device.id;
  }

  #changed(): void {
    if (this.#closed) return;
    const { microphone, camera } = this.tracks;
    if (microphone !== null) microphone.enabled = !this.wish.muted;
    const tracks = [microphone, camera].filter((track) => track !== null);
    this.#stream = tracks.length === 0 ? null : new MediaStream(tracks);
    this.#handlers.tracks(microphone, camera);
    this.#handlers.event({ t: "media", ...this.state, problems: together(this.#problems) });
  }

  /** Lists what there is; a speaker that is gone is replaced by the browser's own choice. */
  async #takeStock(): Promise<void> {
    this.#list = await stock.inventory();
    if (this.#closed) return;
    const { microphone: microphones, camera: cameras, speaker: speakers } = this.#list;
    const speaker = stock.find(speakers, this.#wished.speaker);
    const gone = this.#used.speaker;
    this.#used.speaker = speaker;
    if (gone !== null && speaker === null && speakers[0]) {
      this.#notice("speaker", "device-lost", speakers[0], gone);
    }
    this.#handlers.event({
      t: "devices",
      ...{ microphones, cameras, speakers },
      microphone: this.#used.microphone?.id ?? null,
      camera: this.#used.camera?.id ?? null,
      speaker: speaker?.id ?? null,
    });
  }

  #notice(device: DeviceKind, kind: NoticeEvent["kind"], now: Device, gone: Device | null): void {
    const { label: name } = now;
    this.#handlers.event({ t: "notice", kind, device, name, by: gone?.label ?? null });
  }
}
