// Responsible for: what follows when somebody chooses a device, plugs one in, or pulls one out.
// Not responsible for: real devices (the browser tests).
import { beforeEach, describe, expect, it } from "vitest";
import type { Devices } from "./devices";
import { Desk, settle } from "./devices.fixture";

let desk: Desk;
let devices: Devices;

beforeEach(() => {
  desk = new Desk();
  devices = desk.devices();
});

describe("a choice", () => {
  it("is remembered on this device", async () => {
    desk.plugged.push("audioinput headset", "audiooutput phones");
    await devices.open();
    await devices.use("microphone", "headset");
    await devices.use("speaker", "phones");
    devices.close();
    devices = desk.devices();
    await devices.open();
    expect(desk.sentIds()).toEqual(["headset", "cam"]);
    expect(desk.listed()).toMatchObject({
      microphone: "headset",
      camera: "cam",
      speaker: "phones",
    });
  });

  it("is used also where the browser lists nothing before it gave something", async () => {
    desk.plugged.push("audioinput headset");
    await devices.open();
    await devices.use("microphone", "headset");
    devices.close();
    desk.hidden = true;
    devices = desk.devices();
    await devices.open();
    expect(desk.sentIds()).toEqual(["headset", "cam"]);
    const left = desk.tracks.filter(({ stopped }) => !stopped).map(({ id }) => id);
    expect(left.sort()).toEqual(["cam", "headset"]);
  });

  it("of something that is busy takes the next best, and names both", async () => {
    desk.plugged.push("videoinput front");
    await devices.open();
    desk.busy = ["front"];
    await devices.use("camera", "front");
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.notices()).toEqual([
      { t: "notice", device: "camera", kind: "device-busy", name: "the cam", by: "the front" },
    ]);
    expect(desk.said()).toMatchObject({ problems: [] });
  });

  it("made while another is on its way is the one that counts", async () => {
    desk.plugged.push("videoinput front", "videoinput back");
    await devices.open();
    await Promise.all([devices.use("camera", "front"), devices.use("camera", "back")]);
    expect(desk.sentIds()).toEqual(["mic", "back"]);
    expect(desk.tracks.filter(({ stopped }) => !stopped).map(({ id }) => id)).toEqual([
      "mic",
      "back",
    ]);
  });
});

describe("a late answer", () => {
  it("says nothing of a device that somebody has chosen away from", async () => {
    desk.plugged.push("videoinput front", "videoinput back");
    await devices.open();
    desk.slow = ["front"];
    const first = devices.use("camera", "front");
    await settle();
    await devices.use("camera", "back");
    desk.answer();
    await first;
    expect(desk.sentIds()).toEqual(["mic", "back"]);
    expect(desk.notices()).toEqual([]);
  });
});

describe("plugging", () => {
  it("out the one in use takes the next best, and names both", async () => {
    desk.plugged.push("audioinput headset");
    await devices.open();
    await devices.use("microphone", "headset");
    await desk.unplug("headset");
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.notices()).toEqual([
      {
        t: "notice",
        device: "microphone",
        kind: "device-lost",
        name: "the mic",
        by: "the headset",
      },
    ]);
    expect(desk.said()).toMatchObject({ muted: false, problems: [] });
  });

  it("out while muted stays muted", async () => {
    desk.plugged.push("audioinput headset");
    await devices.open();
    await devices.setMuted(true);
    await desk.unplug("mic");
    expect(desk.sent[0]).toMatchObject({ id: "headset", enabled: false });
  });

  it("in is told, and leaves what is used", async () => {
    await devices.open();
    await desk.plug("audioinput headset");
    expect(desk.notices()).toEqual([
      { t: "notice", device: "microphone", kind: "device-found", name: "the headset", by: null },
    ]);
    expect(desk.sentIds()).toEqual(["mic", "cam"]);
    expect(desk.listed()).toMatchObject({ microphone: "mic" });
  });

  it("in again what was chosen uses it again", async () => {
    desk.plugged.push("audioinput headset");
    await devices.open();
    await devices.use("microphone", "headset");
    await desk.unplug("headset");
    await desk.plug("audioinput headset");
    expect(desk.sentIds()).toEqual(["headset", "cam"]);
    expect(desk.notices().at(-1)).toMatchObject({ kind: "device-used", name: "the headset" });
  });

  it("in is told once, and opened once, however often the browser says it", async () => {
    desk.has.video = "NotFoundError";
    await devices.open();
    desk.has.video = true;
    const asked = desk.asked.length;
    await Promise.all([desk.plug("videoinput front"), desk.plug()]);
    expect(desk.notices()).toHaveLength(1);
    expect(desk.asked).toHaveLength(asked + 1);
  });

  it("in a headset, which is two devices, is told once", async () => {
    await devices.open();
    await desk.plug("audioinput headset", "audiooutput headset");
    expect(desk.notices()).toHaveLength(1);
  });

  it("in two devices without names is told of both", async () => {
    desk.nameless = true;
    await devices.open();
    await desk.plug("audioinput headset", "videoinput front");
    expect(desk.notices()).toMatchObject([
      { kind: "device-found", device: "microphone", name: "" },
      { kind: "device-found", device: "camera", name: "" },
    ]);
  });

  it("out the chosen speaker goes back to the browser's own, and says so", async () => {
    desk.plugged.push("audiooutput phones");
    await devices.open();
    await devices.use("speaker", "phones");
    await desk.unplug("phones");
    expect(desk.listed()).toMatchObject({ speaker: null });
    expect(desk.notices()).toEqual([
      { t: "notice", device: "speaker", kind: "device-lost", name: "the out", by: "the phones" },
    ]);
  });

  it("of what stands for another device is not told", async () => {
    await devices.open();
    await desk.plug("audioinput default", "audiooutput communications");
    expect(desk.notices()).toEqual([]);
  });
});
