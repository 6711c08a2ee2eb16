// Responsible for: a desk with pretended microphones, cameras and speakers, for tests.
// Not responsible for: real devices (the browser tests).
import { vi } from "vitest";
import type { DevicesEvent, MediaEvent, NoticeEvent } from "../state/events";
import { Devices } from "./devices";

class FakeTrack {
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;
  readonly kind: "audio" | "video";
  readonly id: string;
  readonly label: string;
  constructor(kind: "audio" | "video", id: string) {
    this.kind = kind;
    this.id = id;
    this.label = `the ${id}`;
  }
  getSettings = () => ({ deviceId: this.id });
  stop(): void {
    this.stopped = true;
  }
}

class FakeStream {
  readonly tracks: FakeTrack[];
  constructor(tracks: FakeTrack[]) {
    this.tracks = tracks;
  }
  getTracks = () => this.tracks;
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === "video");
}

type Which = { exact?: string };
type Wish = { [kind in "audio" | "video"]?: { deviceId?: Which } };

export class Desk {
  /** What the browser allows, or the name of the error that it answers with. */
  has: { audio: true | string; video: true | string } = { audio: true, video: true };
  busy: string[] = [];
  /** Devices whose opening takes until `answer` is called, as when a person is asked. */
  slow: string[] = [];
  answer: () => void = () => undefined;
  /** What enumerateDevices lists, as `kind id`. */
  plugged = ["audioinput mic", "videoinput cam", "audiooutput out"];
  /** Nothing is listed until something was opened. */
  hidden = false;
  /** Kinds of which nothing is listed until one was opened. */
  unnamed: string[] = [];
  /** The browser tells no names of devices. */
  nameless = false;
  readonly asked: Wish[] = [];
  readonly tracks: FakeTrack[] = [];
  readonly events: (DevicesEvent | MediaEvent | NoticeEvent)[] = [];
  sent: (FakeTrack | null)[] = [];
  #changed: (() => void) | null = null;

  constructor() {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    vi.stubGlobal("HTMLMediaElement", { prototype: { setSinkId: () => undefined } });
    vi.stubGlobal("MediaStream", FakeStream);
    vi.stubGlobal("navigator", {
      mediaDevices: {
        addEventListener: (_: string, heard: () => void) => (this.#changed = heard),
        removeEventListener: () => (this.#changed = null),
        enumerateDevices: () => Promise.resolve(this.hidden ? [] : this.#list()),
        getUserMedia: (wish: Wish) => this.#open(wish),
      },
    });
  }

  /** What the page has; again, as after a reload. */
  devices(): Devices {
    return new Devices({
      event: (event) => this.events.push(event),
      tracks: (...both) => (this.sent = both as unknown as FakeTrack[]),
    });
  }

  plug(...devices: string[]): Promise<unknown> {
    this.plugged = [...this.plugged, ...devices];
    this.#changed?.();
    return settle();
  }

  /** As browsers do: the list changes, and the track of what is gone ends. */
  unplug(gone: string): Promise<unknown> {
    this.plugged = this.plugged.filter((one) => !one.endsWith(` ${gone}`));
    this.tracks.findLast(({ id }) => id === gone)?.onended?.();
    this.#changed?.();
    return settle();
  }

  notices = () => this.events.filter((event) => event.t === "notice");
  listed = () => this.events.filter((event) => event.t === "devices").at(-1);
  said = () => this.events.filter((event) => event.t === "media").at(-1);
  sentIds = () => this.sent.map((track) => track?.id ?? null);

  #list() {
    const told = this.plugged.filter((one) => !this.unnamed.some((kind) => one.startsWith(kind)));
    return told.map((one) => {
      const [kind, deviceId] = one.split(" ");
      return { kind, deviceId, label: this.nameless ? "" : `the ${deviceId}` };
    });
  }

  async #open(wish: Wish): Promise<FakeStream> {
    this.asked.push(wish);
    const kinds = (["audio", "video"] as const).filter((kind) => wish[kind] !== undefined);
    const slow = kinds.some((kind) => this.slow.includes(wish[kind]?.deviceId?.exact ?? kind));
    if (slow) await new Promise<void>((resolve) => (this.answer = resolve));
    const refused = kinds.find((kind) => this.has[kind] !== true);
    if (refused !== undefined) {
      throw new DOMException("as it happens", String(this.has[refused]));
    }
    const got: FakeTrack[] = [];
    for (const kind of kinds) {
      const of = this.plugged.filter((one) => one.startsWith(`${kind}input `));
      const { exact } = wish[kind]?.deviceId ?? {};
      const ids = of.map((one) => one.split(" ")[1] ?? "").filter((id) => !this.busy.includes(id));
      const id = exact ?? ids[0];
      if (id === undefined) throw new DOMException("none", "NotFoundError");
      if (this.busy.includes(id)) throw new DOMException("busy", "NotReadableError");
      if (!ids.includes(id)) throw new DOMException("gone", "OverconstrainedError");
      got.push(new FakeTrack(kind, id));
    }
    this.hidden = false;
    this.unnamed = this.unnamed.filter(
      (kind) => !got.some((track) => kind === `${track.kind}input`),
    );
    this.tracks.push(...got);
    return new FakeStream(got);
  }
}

/** Lets everything that was promised happen. */
export const settle = () => new Promise((resolve) => setTimeout(resolve));
