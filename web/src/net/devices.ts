// Responsible for: camera and microphone: asking, choosing, muting, releasing, and saying so.
// Not responsible for: sending what they give (peer.ts).
import { CODES } from "../e2ee/problem";
import type { Device, DevicesEvent, MediaEvent } from "../state/events";

type Kind = "microphone" | "camera";

interface Handlers {
  event(event: DevicesEvent | MediaEvent): void;
  /** The tracks to send changed; null sends nothing. */
  tracks(microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null): void;
}

/** Large enough for three simulcast layers (media.md: at least 960 by 540). */
const PICTURE = {
  width: { ideal: 960 },
  height: { ideal: 540 },
  frameRate: { ideal: 24, max: 30 },
};
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PROBLEM: Record<Kind, string> = { microphone: CODES.microphone, camera: CODES.camera };

export class Devices {
  readonly #handlers: Handlers;
  readonly tracks: Record<Kind, MediaStreamTrack | null> = { microphone: null, camera: null };
  readonly #chosen: Record<Kind, string | null> = { microphone: null, camera: null };
  readonly #problems: Record<Kind, string | null> = { microphone: null, camera: null };
  #stream: MediaStream | null = null;
  #muted = false;
  #camera = true;
  #closed = false;
  readonly #listAgain = () => void this.#list();

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  get state(): { muted: boolean; camera: boolean } {
    const { microphone, camera } = this.tracks;
    return { muted: this.#muted || microphone === null, camera: camera !== null };
  }

  /** Both in one question if it can be; one without the other if it must be. */
  async open(): Promise<void> {
    const media = browserMedia();
    if (media === null) {
      this.#problems.microphone = this.#problems.camera = CODES.devices;
      this.#changed();
      return;
    }
    media.addEventListener("devicechange", this.#listAgain);
    try {
      const stream = await media.getUserMedia({ audio: SOUND, video: PICTURE });
      this.#take("microphone", stream.getAudioTracks()[0] ?? null);
      this.#take("camera", stream.getVideoTracks()[0] ?? null);
    } catch {
      await this.#ask("microphone");
      await this.#ask("camera");
    }
    this.#changed();
    await this.#list();
  }

  async setMuted(muted: boolean): Promise<void> {
    this.#muted = muted;
    if (!muted && this.tracks.microphone === null) await this.#ask("microphone");
    this.#changed();
  }

  /** Off releases the device: its light goes out. */
  async setCamera(on: boolean): Promise<void> {
    this.#camera = on;
    if (!on) {
      this.#release("camera");
      this.#problems.camera = null;
    } else if (this.tracks.camera === null) await this.#ask("camera");
    this.#changed();
  }

  async use(kind: Kind, id: string): Promise<void> {
    this.#chosen[kind] = id;
    if (kind === "camera" && !this.#camera) return this.#list();
    this.#release(kind); // some devices open only once
    await this.#ask(kind);
    this.#changed();
    await this.#list();
  }

  close(): void {
    this.#closed = true;
    browserMedia()?.removeEventListener("devicechange", this.#listAgain);
    this.#release("microphone");
    this.#release("camera");
    this.#stream = null;
  }

  async #ask(kind: Kind): Promise<void> {
    const id = this.#chosen[kind];
    const which = id === null ? {} : { deviceId: { exact: id } };
    const wish =
      kind === "camera" ? { video: { ...PICTURE, ...which } } : { audio: { ...SOUND, ...which } };
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia(wish)).getTracks();
      this.#take(kind, track ?? null);
    } catch {
      this.#problems[kind] = PROBLEM[kind];
    }
  }

  #take(kind: Kind, track: MediaStreamTrack | null): void {
    if (this.#closed || (kind === "camera" && !this.#camera)) return track?.stop(); // too late
    this.#release(kind);
    this.tracks[kind] = track;
    this.#problems[kind] = track === null ? PROBLEM[kind] : null;
    this.#chosen[kind] = track?.getSettings().deviceId ?? this.#chosen[kind];
    if (track !== null) {
      track.onended = () => {
        if (this.tracks[kind] !== track) return;
        this.tracks[kind] = null;
        this.#problems[kind] = CODES.deviceLost;
        this.#changed();
      };
    }
  }

  #release(kind: Kind): void {
    this.tracks[kind]?.stop();
    this.tracks[kind] = null;
  }

  #changed(): void {
    if (this.#closed) return;
    const { microphone, camera } = this.tracks;
    if (microphone !== null) microphone.enabled = !this.#muted;
    const tracks = [microphone, camera].filter((track) => track !== null);
    this.#stream = tracks.length === 0 ? null : new MediaStream(tracks);
    this.#handlers.tracks(microphone, camera);
    const problem = this.#problems.camera ?? this.#problems.microphone;
    this.#handlers.event({ t: "media", ...this.state, ...(problem === null ? {} : { problem }) });
  }

  async #list(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    if (this.#closed) return;
    const of = (kind: MediaDeviceKind): Device[] =>
      all
        .filter((device) => device.kind === kind && device.deviceId !== "")
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    const { microphone, camera } = this.#chosen;
    const [microphones, cameras] = [of("audioinput"), of("videoinput")];
    this.#handlers.event({ t: "devices", microphones, cameras, microphone, camera });
  }
}

/** Absent on a page that is not in a secure context. */
function browserMedia(): MediaDevices | null {
  return "mediaDevices" in navigator ? navigator.mediaDevices : null;
}
