// Responsible for: what the page sends and says when devices are there, refused, absent or lost.
// Not responsible for: real devices (the browser tests).
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DevicesEvent, MediaEvent } from "../state/events";
import { Devices } from "./devices";

class FakeTrack {
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;
  readonly kind: "audio" | "video";
  readonly id: string;
  constructor(kind: "audio" | "video", id: string) {
    this.kind = kind;
    this.id = id;
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

type Wish = { [kind in "audio" | "video"]?: { deviceId?: { exact: string } } };

/** What the browser has and allows; a test takes away what it likes. */
let has: { audio: boolean; video: boolean };
let asked: Wish[];
let tracks: FakeTrack[];
let events: (DevicesEvent | MediaEvent)[];
let sent: (FakeTrack | null)[];
let devices: Devices;

function browser(): object {
  return {
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    enumerateDevices: () =>
      Promise.resolve([
        { kind: "audioinput", deviceId: "mic", label: "Microphone" },
        { kind: "videoinput", deviceId: "cam", label: "Camera" },
        { kind: "audiooutput", deviceId: "out", label: "Speaker" },
      ]),
    getUserMedia(wish: Wish) {
      asked.push(wish);
      const kinds = (["audio", "video"] as const).filter((kind) => wish[kind] !== undefined);
      if (!kinds.every((kind) => has[kind])) return Promise.reject(new Error("NotAllowedError"));
      const default_ = { audio: "mic", video: "cam" };
      const got = kinds.map(
        (kind) => new FakeTrack(kind, wish[kind]?.deviceId?.exact ?? default_[kind]),
      );
      tracks.push(...got);
      return Promise.resolve(new FakeStream(got));
    },
  };
}

beforeEach(() => {
  has = { audio: true, video: true };
  [asked, tracks, events, sent] = [[], [], [], []];
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("navigator", { mediaDevices: browser() });
  devices = new Devices({
    event: (event) => events.push(event),
    tracks: (...both) => (sent = both as unknown as FakeTrack[]),
  });
});

const said = () => events.filter((event) => event.t === "media").at(-1);
const sentIds = () => sent.map((track) => track?.id ?? null);

describe("camera and microphone", () => {
  it("are asked for in one question, and listed", async () => {
    await devices.open();
    expect(asked).toHaveLength(1);
    expect(said()).toEqual({ t: "media", muted: false, camera: true });
    expect(sentIds()).toEqual(["mic", "cam"]);
    expect(events.at(-1)).toEqual({
      t: "devices",
      microphones: [{ id: "mic", label: "Microphone" }],
      cameras: [{ id: "cam", label: "Camera" }],
      microphone: "mic",
      camera: "cam",
    });
  });

  it.each([
    ["the camera", { audio: true, video: false }, ["mic", null], "RF6202"],
    ["the microphone", { audio: false, video: true }, [null, "cam"], "RF6201"],
    ["both", { audio: false, video: false }, [null, null], "RF6202"],
  ])("are done without when %s is refused", async (_, there, ids, problem) => {
    has = there;
    await devices.open();
    expect(sentIds()).toEqual(ids);
    expect(said()).toEqual({
      t: "media",
      muted: !there.audio,
      camera: there.video,
      problem,
    });
  });

  it("are done without when the browser has no such thing", async () => {
    vi.stubGlobal("navigator", {});
    await devices.open();
    expect(said()).toEqual({ t: "media", muted: true, camera: false, problem: "RF6203" });
  });

  it("are released at the end", async () => {
    await devices.open();
    devices.close();
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
    expect(devices.stream).toBeNull();
  });

  it("that come after the end are released at once", async () => {
    const opening = devices.open();
    devices.close();
    await opening;
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
  });
});

describe("the microphone", () => {
  it("is silent while muted, and not taken away", async () => {
    await devices.open();
    await devices.setMuted(true);
    expect(sent[0]).toMatchObject({ enabled: false, stopped: false });
    expect(said()).toMatchObject({ muted: true });
    await devices.setMuted(false);
    expect(sent[0]).toMatchObject({ enabled: true });
  });

  it("stays muted when another one is chosen", async () => {
    await devices.open();
    await devices.setMuted(true);
    await devices.use("microphone", "headset");
    expect(sent[0]).toMatchObject({ id: "headset", enabled: false });
    expect(tracks[0]?.stopped).toBe(true);
  });

  it("is asked for again when somebody unmutes without one", async () => {
    has.audio = false;
    await devices.open();
    has.audio = true;
    await devices.setMuted(false);
    expect(sentIds()).toEqual(["mic", "cam"]);
    expect(said()).toEqual({ t: "media", muted: false, camera: true });
  });
});

describe("the camera", () => {
  it("is released when it is off, and asked for when it is on again", async () => {
    await devices.open();
    await devices.setCamera(false);
    expect(tracks[1]?.stopped).toBe(true);
    expect(sentIds()).toEqual(["mic", null]);
    expect(said()).toMatchObject({ camera: false });
    await devices.setCamera(true);
    expect(sentIds()).toEqual(["mic", "cam"]);
  });

  it("that was off before it came is not taken", async () => {
    const opening = devices.open();
    await devices.setCamera(false);
    await opening;
    expect(sentIds()).toEqual(["mic", null]);
    expect(tracks.find(({ kind }) => kind === "video")?.stopped).toBe(true);
  });

  it("that is unplugged is said to be lost", async () => {
    await devices.open();
    tracks[1]?.onended?.();
    expect(said()).toEqual({ t: "media", muted: false, camera: false, problem: "RF6204" });
    expect(sentIds()).toEqual(["mic", null]);
  });

  it("is the one that was chosen", async () => {
    await devices.open();
    await devices.use("camera", "front");
    expect(asked.at(-1)).toMatchObject({ video: { deviceId: { exact: "front" } } });
    expect(sentIds()).toEqual(["mic", "front"]);
  });

  it("that is chosen while it is off stays off, and is used later", async () => {
    await devices.open();
    await devices.setCamera(false);
    await devices.use("camera", "front");
    expect(sentIds()).toEqual(["mic", null]);
    await devices.setCamera(true);
    expect(sentIds()).toEqual(["mic", "front"]);
  });
});
