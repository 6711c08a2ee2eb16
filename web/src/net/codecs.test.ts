// Responsible for: what lines offer, and when the camera changes its codec.
// Not responsible for: what a browser makes of it (tests/browser/test_vp9.py).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Camera, LAYERS, preferReceiving, preferSending } from "./codecs";

interface Encoding {
  rid?: string;
  active?: boolean;
  codec?: { mimeType: string };
  scalabilityMode?: string;
  scaleResolutionDownBy?: number;
}

const VP8 = { mimeType: "video/VP8", clockRate: 90_000 };
const VP9 = { mimeType: "video/VP9", clockRate: 90_000, sdpFmtpLine: "profile-id=0" };
const TEN_BITS = { ...VP9, sdpFmtpLine: "profile-id=2" };
const RTX = { mimeType: "video/rtx", clockRate: 90_000 };
const H264 = { mimeType: "video/H264", clockRate: 90_000, sdpFmtpLine: "profile-level-id=42001f" };
const OPUS = { mimeType: "audio/opus", clockRate: 48_000, sdpFmtpLine: "minptime=10" };

/** A sender as browsers have it: parameters are a copy, and only the latest copy is taken. */
class FakeSender {
  codecs: unknown[] = [];
  encodings: Encoding[] = LAYERS.map((layer) => ({ ...layer, active: true }));
  changes = 0;
  understandsLayers = true;
  #latest: unknown;
  getParameters() {
    const encodings = this.encodings.map((encoding) => ({ ...encoding }));
    const parameters = { codecs: this.codecs, encodings };
    this.#latest = parameters;
    return parameters;
  }
  async setParameters(parameters: { encodings: Encoding[] }) {
    if (parameters !== this.#latest) throw new DOMException("old", "InvalidModificationError");
    await Promise.resolve();
    this.changes++;
    this.encodings = parameters.encodings;
    if (this.understandsLayers) return;
    for (const encoding of this.encodings) delete encoding.scalabilityMode;
  }
  get sent() {
    return this.encodings
      .filter(({ active }) => active)
      .map(({ rid, codec, scalabilityMode, scaleResolutionDownBy }) =>
        [rid, codec?.mimeType, scalabilityMode, scaleResolutionDownBy].join(" "),
      );
  }
}

const apart = ["q video/VP8  4", "h video/VP8  2", "f video/VP8  1"];
const stacked = ["q video/VP9 L3T3 1"];

let sender: FakeSender;
let camera: Camera;

beforeEach(() => {
  sender = new FakeSender();
  camera = new Camera(sender as unknown as RTCRtpSender);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the camera", () => {
  it("goes to VP9 with all layers in one stream, and back to VP8 with one stream each", async () => {
    sender.codecs = [VP8, VP9, RTX];
    await camera.sendIn("VP9");
    expect(sender.sent).toEqual(stacked);
    await camera.sendIn("VP8");
    expect(sender.sent).toEqual(apart);
    await camera.sendIn("VP9");
    expect(sender.sent).toEqual(stacked);
  });

  it("is left alone as long as nothing changes", async () => {
    sender.codecs = [VP8, VP9, RTX];
    await camera.sendIn("VP8");
    expect(sender.changes).toBe(0);
    await camera.sendIn("VP9");
    await camera.sendIn("VP9");
    expect(sender.changes).toBe(1);
  });

  it("goes to VP9 once that is negotiated, and never where it is not offered", async () => {
    await camera.sendIn("VP9");
    sender.codecs = [VP8, RTX];
    await camera.sendIn("VP9");
    expect(sender.changes).toBe(0);
    sender.codecs = [VP8, VP9, RTX];
    await camera.sendIn("VP9");
    expect(sender.sent).toEqual(stacked);
  });

  it("ends with what was wanted last, however fast that changes", async () => {
    sender.codecs = [VP8, VP9, RTX];
    await Promise.all([camera.sendIn("VP9"), camera.sendIn("VP8"), camera.sendIn("VP9")]);
    expect(sender.sent).toEqual(stacked);
    await Promise.all([camera.sendIn("VP8"), camera.sendIn("VP9"), camera.sendIn("VP8")]);
    expect(sender.sent).toEqual(apart);
  });

  it("stays in one stream when an answer has woken the others", async () => {
    sender.codecs = [VP8, VP9, RTX];
    await camera.sendIn("VP9");
    for (const encoding of sender.encodings) encoding.active = true;
    await camera.sendIn("VP9");
    expect(sender.sent).toEqual(stacked);
  });

  it("stays with VP8 in a browser that knows no layers in one stream", async () => {
    sender.codecs = [VP8, VP9, RTX];
    sender.understandsLayers = false;
    await camera.sendIn("VP9");
    await camera.sendIn("VP9");
    expect(sender.sent).toEqual(apart);
    expect(sender.changes).toBe(2);
  });
});

describe("a line", () => {
  const offered = (cores: number, prefer: (line: RTCRtpTransceiver) => void) => {
    const codecs = [OPUS, TEN_BITS, H264, RTX, VP9, VP8];
    const getCapabilities = (kind: string) => ({
      codecs: codecs.filter(({ mimeType }) => mimeType.startsWith(kind)),
    });
    vi.stubGlobal("RTCRtpSender", { getCapabilities });
    vi.stubGlobal("RTCRtpReceiver", { getCapabilities });
    vi.stubGlobal("navigator", { hardwareConcurrency: cores });
    let set: unknown[] = [];
    const setCodecPreferences = (wanted: unknown[]) => (set = wanted);
    prefer({ setCodecPreferences } as unknown as RTCRtpTransceiver);
    return set;
  };

  it.each([
    ["a camera", 4, (line) => preferSending(line, "video", true), [VP8, VP9, RTX]],
    ["a camera of a slow device", 2, (line) => preferSending(line, "video", true), [VP8, RTX]],
    ["a screen", 8, (line) => preferSending(line, "video", false), [VP8, RTX]],
    ["others' pictures", 2, (line) => preferReceiving(line, "video"), [VP8, VP9, RTX]],
    ["a microphone", 8, (line) => preferSending(line, "audio", false), [OPUS]],
    ["others' voices", 8, (line) => preferReceiving(line, "audio"), [OPUS]],
  ] as [string, number, (line: RTCRtpTransceiver) => void, unknown[]][])(
    "of %s offers what it may be in, VP8 first",
    (_, cores, prefer, codecs) => {
      expect(offered(cores, prefer)).toEqual(codecs);
    },
  );
});
