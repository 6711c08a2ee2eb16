// Responsible for: what the page sends and says when devices are there, refused or absent.
// Not responsible for: real devices (the browser tests), or choosing and plugging (choices.test.ts).
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Devices } from "./devices";
import { Desk, settle } from "./devices.fixture";

let desk: Desk;
let devices: Devices;

beforeEach(() => {
  desk = new Desk();
  devices = desk.devices();
});

describe("camera and microphone", () => {
  it("are asked for in one question, and listed", async () => {
    await devices.open();
    expect(desk.asked).toHaveLength(1);
    expect(desk.said()).toEqual({ t: "media", muted: false, camera: true, problems: [] });
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.events.at(-1)).toEqual({
      t: "devices",
      microphones: [{ id: "mic", label: "the mic" }],
      cameras: [{ id: "cam", label: "the cam" }],
      speakers: [{ id: "out", label: "the out" }],
      microphone: "mic",
      camera: "cam",
      speaker: null,
    });
  });

  const [refused, missing, busyError] = ["NotAllowedError", "NotFoundError", "NotReadableError"];
  it.each([
    ["the camera is refused", { audio: true, video: refused }, ["mic", null], ["RF6206"]],
    ["the microphone is refused", { audio: refused, video: true }, [null, "cam"], ["RF6205"]],
    ["both are refused", { audio: refused, video: refused }, [null, null], ["RF6207"]],
    ["there is no camera", { audio: true, video: missing }, ["mic", null], ["RF6209"]],
    ["there is no microphone", { audio: missing, video: true }, [null, "cam"], ["RF6208"]],
    ["there is neither", { audio: missing, video: missing }, [null, null], ["RF6210"]],
    [
      "another program has the camera",
      { audio: true, video: busyError },
      ["mic", null],
      ["RF6202"],
    ],
    [
      "one is refused and the other busy",
      { audio: refused, video: busyError },
      [null, null],
      ["RF6202", "RF6205"],
    ],
  ])("are done without when %s, and tried again when asked to", async (_, there, ids, problems) => {
    desk.has = there as typeof desk.has;
    await devices.open();
    expect(desk.sentIds()).toEqual(ids);
    expect(desk.said()).toEqual({
      t: "media",
      muted: there.audio !== true,
      camera: there.video === true,
      problems,
    });
    desk.has = { audio: true, video: true };
    await devices.retry();
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.said()).toMatchObject({ problems: [] });
  });

  it("are done without when the browser has no such thing", async () => {
    vi.stubGlobal("navigator", {});
    await devices.open();
    expect(desk.said()).toEqual({ t: "media", muted: true, camera: false, problems: ["RF6203"] });
  });

  it("are released at the end", async () => {
    await devices.open();
    devices.close();
    expect(desk.tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
    expect(devices.stream).toBeNull();
  });

  it("that come after the end are released at once", async () => {
    desk.slow = ["audio"];
    const opening = devices.open();
    await settle();
    devices.close();
    desk.answer();
    await opening;
    expect(desk.tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
  });

  it("are not asked for any more after the end", async () => {
    const opening = devices.open();
    devices.close();
    await opening;
    await devices.setMuted(false);
    await devices.setCamera(true);
    expect(desk.asked).toEqual([]);
  });

  it("of a list are not tried on after the end", async () => {
    desk.plugged.push("videoinput front", "videoinput back");
    await devices.open();
    [desk.busy, desk.slow] = [["front", "cam", "back"], ["front"]];
    const using = devices.use("camera", "front");
    await settle();
    devices.close();
    desk.answer();
    await using;
    expect(desk.asked.at(-1)).toMatchObject({ video: { deviceId: { exact: "front" } } });
  });
});

describe("the microphone", () => {
  it("that is there is sent and seen while the question for the camera is open", async () => {
    desk.has.video = "NotReadableError";
    desk.slow = ["video"];
    const opening = devices.open();
    await settle();
    desk.answer(); // to both in one question: no
    await settle();
    expect(desk.asked).toHaveLength(3);
    expect(desk.said()).toEqual({ t: "media", muted: false, camera: false, problems: [] });
    expect(desk.sentIds()).toEqual(["mic", null]);
    desk.slow = [];
    desk.answer();
    await opening;
    expect(desk.said()).toMatchObject({ muted: false, problems: ["RF6202"] });
  });

  it("that is refused again is said again", async () => {
    desk.has.audio = "NotAllowedError";
    await devices.open();
    desk.events.length = 0;
    await devices.setMuted(false);
    const problems = desk.events.flatMap((event) => (event.t === "media" ? [event.problems] : []));
    expect(problems).toEqual([[], ["RF6205"]]);
  });

  it("is silent while muted, and not taken away", async () => {
    await devices.open();
    await devices.setMuted(true);
    expect(desk.sent[0]).toMatchObject({ enabled: false, stopped: false });
    expect(desk.said()).toMatchObject({ muted: true });
    await devices.setMuted(false);
    expect(desk.sent[0]).toMatchObject({ enabled: true });
  });

  it("stays muted when another one is chosen", async () => {
    await devices.open();
    await devices.setMuted(true);
    desk.plugged.push("audioinput headset");
    await devices.use("microphone", "headset");
    expect(desk.sent[0]).toMatchObject({ id: "headset", enabled: false });
    expect(desk.tracks[0]?.stopped).toBe(true);
  });

  it("is asked for again when somebody unmutes without one", async () => {
    desk.has.audio = "NotAllowedError";
    await devices.open();
    desk.has.audio = true;
    await devices.setMuted(false);
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.said()).toEqual({ t: "media", muted: false, camera: true, problems: [] });
  });
});

describe("the camera", () => {
  it("is released when it is off, and asked for when it is on again", async () => {
    await devices.open();
    await devices.setCamera(false);
    expect(desk.tracks[1]?.stopped).toBe(true);
    expect(desk.sentIds()).toEqual(["mic", null]);
    expect(desk.said()).toMatchObject({ camera: false });
    await devices.setCamera(true);
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
  });

  it("that is off before a reload is not even asked for after it, and comes on when it is wanted", async () => {
    desk.unnamed = ["videoinput"]; // as browsers do with what they never gave
    await devices.open({ muted: true, camera: false });
    expect(desk.asked.map((wish) => Object.keys(wish))).toEqual([["audio"]]);
    expect(desk.sentIds()).toEqual(["mic", null]);
    expect(desk.said()).toEqual({ t: "media", muted: true, camera: false, problems: [] });
    expect(desk.listed()).toMatchObject({ cameras: [], microphone: "mic", camera: null });
    await devices.setCamera(true);
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.said()).toMatchObject({ muted: true, camera: true, problems: [] });
    expect(desk.listed()).toMatchObject({
      cameras: [{ id: "cam", label: "the cam" }],
      camera: "cam",
    });
  });

  it("that was off is the one that was chosen, where the browser lists none before it gives one", async () => {
    desk.plugged.push("videoinput front");
    await devices.open();
    await devices.use("camera", "front");
    devices.close();
    devices = desk.devices();
    desk.unnamed = ["videoinput"];
    await devices.open({ muted: false, camera: false });
    await devices.setCamera(true);
    expect(desk.sentIds()).toEqual(["mic", "front"]);
  });

  it("that was switched off before it is asked for is not asked for", async () => {
    const opening = devices.open();
    await devices.setCamera(false);
    await opening;
    expect(desk.asked.map((wish) => Object.keys(wish))).toEqual([["audio"]]);
    expect(desk.sentIds()).toEqual(["mic", null]);
  });

  it("that was off before it came is not taken", async () => {
    desk.slow = ["video"];
    const opening = devices.open();
    await settle();
    await devices.setCamera(false);
    desk.answer();
    await opening;
    expect(desk.sentIds()).toEqual(["mic", null]);
    expect(desk.tracks.find(({ kind }) => kind === "video")?.stopped).toBe(true);
  });

  it("that is unplugged is said to be lost when there is no other", async () => {
    await devices.open();
    await desk.unplug("cam");
    expect(desk.said()).toEqual({ t: "media", muted: false, camera: false, problems: ["RF6204"] });
    expect(desk.sentIds()).toEqual(["mic", null]);
    await desk.plug("videoinput cam");
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.notices().at(-1)).toMatchObject({ kind: "device-used", name: "the cam" });
  });

  it("is the one that was chosen", async () => {
    await devices.open();
    desk.plugged.push("videoinput front");
    await devices.use("camera", "front");
    expect(desk.asked.at(-1)).toMatchObject({ video: { deviceId: { exact: "front" } } });
    expect(desk.sentIds()).toEqual(["mic", "front"]);
  });

  it("that is chosen while it is off stays off, and is used later", async () => {
    await devices.open();
    await devices.setCamera(false);
    desk.plugged.push("videoinput front");
    await devices.use("camera", "front");
    expect(desk.sentIds()).toEqual(["mic", null]);
    await devices.setCamera(true);
    expect(desk.sentIds()).toEqual(["mic", "front"]);
  });
});
