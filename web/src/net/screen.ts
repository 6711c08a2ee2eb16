// Responsible for: asking for a screen to share, with its sound, and letting go of it.
// Not responsible for: sending it (lines.ts), or which screen: the browser lets the person choose.
import { CODES } from "../e2ee/problem";
import type { ProblemEvent, ScreenEvent } from "../state/events";

export interface Shared {
  picture: MediaStreamTrack;
  /** Null where the browser offers no sound of what was chosen, or the person did not want it. */
  sound: MediaStreamTrack | null;
}

interface Handlers {
  event(event: ScreenEvent | ProblemEvent): void;
  /** What to send changed; null ends it. */
  shared(shared: Shared | null): void;
}

/** As large as it is, up to 4K; text does not move, so few pictures a second suffice. */
const PICTURE = { width: { max: 3840 }, height: { max: 2160 }, frameRate: { ideal: 15, max: 30 } };
/** Music and films are not speech: what is made for voices would spoil them. */
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Screen Capture: members that TypeScript does not know yet. */
type Options = DisplayMediaStreamOptions & Record<string, unknown>;

/**
 * The sound of the whole system has the others' voices in it, which this page plays: it is offered only where
 * the browser leaves out what the page itself plays. A tab's own sound is offered in any case.
 */
function options(): Options {
  const supported: object = navigator.mediaDevices.getSupportedConstraints();
  const withoutOurs = "restrictOwnAudio" in supported;
  return {
    video: PICTURE,
    audio: withoutOurs ? { ...SOUND, ...{ restrictOwnAudio: true } } : SOUND,
    systemAudio: withoutOurs ? "include" : "exclude",
    selfBrowserSurface: "exclude", // a mirror of a mirror
    surfaceSwitching: "include",
  };
}

export const canShare = (): boolean =>
  "mediaDevices" in navigator && "getDisplayMedia" in navigator.mediaDevices;

export class Screen {
  readonly #handlers: Handlers;
  #shared: Shared | null = null;
  #stream: MediaStream | null = null;
  #asking = false;
  #stops = 0;
  #closed = false;

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  get shared(): Shared | null {
    return this.#shared;
  }

  /** For the sharer's own eyes: the picture alone. */
  get stream(): MediaStream | null {
    return this.#stream;
  }

  async share(): Promise<void> {
    if (this.#asking || this.#shared !== null || !canShare()) return;
    this.#asking = true;
    const stops = this.#stops;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(options());
      this.#take(stream, stops === this.#stops);
    } catch (thrown) {
      this.#failed(thrown);
    } finally {
      this.#asking = false;
    }
  }

  /** Also of what is being chosen at the moment. */
  stop(): void {
    this.#stops++;
    const shared = this.#shared;
    if (shared === null) return;
    this.#shared = this.#stream = null;
    shared.picture.stop();
    shared.sound?.stop();
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }

  #take(stream: MediaStream, wanted: boolean): void {
    const [picture] = stream.getVideoTracks();
    const sound = stream.getAudioTracks()[0] ?? null;
    if (picture === undefined || !wanted) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    // Sharp rather than smooth: when there is too little room, pictures are left out, not made smaller.
    picture.contentHint = "detail";
    if (sound !== null) {
      sound.contentHint = "music";
      sound.onended = () => this.#silent(sound);
    }
    // The browser's own bar ends it, or the window that was shared closes.
    picture.onended = () => this.#shared?.picture === picture && this.stop();
    this.#shared = { picture, sound };
    this.#stream = new MediaStream([picture]);
    this.#changed();
  }

  /** The sound alone has ended: the picture goes on. */
  #silent(sound: MediaStreamTrack): void {
    if (this.#shared?.sound !== sound) return;
    this.#shared = { ...this.#shared, sound: null };
    this.#changed();
  }

  /** Who closes the browser's question has chosen to share nothing: there is nothing to say. */
  #failed(thrown: unknown): void {
    const { name, message } = (thrown ?? {}) as { name?: string; message?: string };
    const bySystem = /system/i.test(message ?? "");
    if ((name === "NotAllowedError" && !bySystem) || name === "InvalidStateError") return;
    const detail = `${name ?? "Error"}: ${message ?? ""}`;
    this.#handlers.event({ t: "problem", code: CODES.screen, detail, fatal: false });
  }

  #changed(): void {
    this.#handlers.shared(this.#shared);
    if (this.#closed) return;
    const [sharing, sound] = [this.#shared !== null, (this.#shared?.sound ?? null) !== null];
    this.#handlers.event({ t: "screen", sharing, sound });
  }
}
