// Responsible for: which frames are sealed and opened, and which are dropped.
// Not responsible for: keys over time (keyring.test.ts), SFrame itself (sframe.test.ts).
import { beforeEach, describe, expect, it } from "vitest";
import type { Bytes } from "./bytes";
import { Frames } from "./frames";
import { CAMERA, MICROPHONE, SCREEN_PICTURE, SCREEN_SOUND } from "./kid";
import { ANN, BEN, Person, sound, Time } from "./people.fixture";

const delta: Bytes = new Uint8Array(40).fill(0x31);
const key: Bytes = new Uint8Array(40).fill(0x30);

let time: Time;
let ann: Person;
let ben: Person;

beforeEach(() => {
  time = new Time();
  ann = new Person(ANN, { leaf: BEN, context: MICROPHONE }, time);
  ben = new Person(BEN, { leaf: ANN, context: MICROPHONE }, time);
});

describe("a sealed frame", () => {
  it.each([
    ["sound", sound, MICROPHONE, "opus", 0],
    ["a key picture", key, CAMERA, "vp8", 10],
    ["a delta picture", delta, CAMERA, "vp8", 1],
    ["a key picture of VP9", key, CAMERA, "vp9", 0],
    ["a delta picture of VP9", delta, CAMERA, "vp9", 0],
  ] as const)(
    "of %s opens to itself and shows only what must be clear",
    async (_, data, context, codec, clear) => {
      ann.install(1);
      ben.install(1);
      ben.slot = { leaf: ANN, context };
      const box = await ann.seal(data, context, codec);
      expect(box.subarray(0, clear)).toEqual(data.subarray(0, clear));
      const hidden = Buffer.from(data.subarray(clear));
      expect(Buffer.from(box).includes(hidden)).toBe(false);
      expect(await ben.open(box, codec)).toEqual({ data });
    },
  );

  it("does not open as one of another codec, which has other clear bytes", async () => {
    ann.install(1);
    ben.install(1);
    ben.slot = { leaf: ANN, context: CAMERA };
    const box = await ann.seal(delta, CAMERA, "vp9");
    const outcome = ben.open(box, "vp8");
    time.pass(500);
    expect(await outcome).toHaveProperty("drop");
    expect(await ben.open(box, "vp9")).toEqual({ data: delta });
  });

  it("does not open with its clear bytes changed", async () => {
    ann.install(1);
    ben.install(1);
    ben.slot = { leaf: ANN, context: CAMERA };
    const box = await ann.seal(delta, CAMERA);
    box[0] = 0x33;
    expect(await ben.open(box, "vp8")).toEqual({ drop: "forged" });
  });

  it("opens once, also when the same keys are given again", async () => {
    ann.install(1);
    ben.install(1);
    const box = await ann.seal();
    expect(await ben.open(box)).toEqual({ data: sound });
    ben.install(1);
    expect(await ben.open(box)).toEqual({ drop: "replay" });
  });

  it("opens once, even twice at a time", async () => {
    ann.install(1);
    ben.install(1);
    const box = await ann.seal();
    const both = await Promise.all([ben.open(box), ben.open(box)]);
    expect(both).toContainEqual({ data: sound });
    expect(both).toContainEqual({ drop: "replay" });
    expect(await ben.open(box)).toEqual({ drop: "replay" });
  });
});

describe("closed transforms", () => {
  it("are how it begins: nothing goes out and nothing comes in", async () => {
    ann.install(1);
    ben.install(1);
    const box = await ann.seal();
    const fresh = new Frames(ben.ring, time);
    expect(await fresh.seal(MICROPHONE, "opus", sound)).toEqual({ drop: "closed" });
    const outcome = fresh.open(() => ben.slot, "opus", box);
    time.pass(500);
    expect(await outcome).toEqual({ drop: "closed" });
  });

  it("hold what comes in until they open for the first time", async () => {
    ann.install(1);
    ben.install(1);
    const box = await ann.seal();
    const fresh = new Frames(ben.ring, time);
    const outcome = fresh.open(() => ben.slot, "opus", box);
    fresh.setOpen(false); // said again: it changes nothing
    time.pass(499);
    fresh.setOpen(true);
    expect(await outcome).toEqual({ data: sound });
  });

  it("hold nothing once they have been open", async () => {
    ann.install(1);
    ben.install(1);
    ben.frames.setOpen(false);
    expect(await ben.open(await ann.seal())).toEqual({ drop: "closed" });
  });

  it("drop what was under way when they closed", async () => {
    ann.install(1);
    const under = ann.frames.seal(MICROPHONE, "opus", sound);
    ann.frames.setOpen(false);
    expect(await under).toEqual({ drop: "closed" });
  });

  it("end the wait of frames that wait for keys", async () => {
    ann.install(1);
    const waiting = ben.open(await ann.seal());
    ben.frames.setOpen(false);
    expect(await waiting).toEqual({ drop: "closed" });
  });
});

describe("without a key of its own", () => {
  it("nothing is sent", async () => {
    expect(await ann.frames.seal(MICROPHONE, "opus", sound)).toEqual({ drop: "key" });
  });
});

describe("a line", () => {
  it("takes no frame of another member than its slot's", async () => {
    ann.install(1);
    ben.install(1);
    ben.slot = { leaf: 2, context: MICROPHONE };
    const outcome = ben.open(await ann.seal());
    time.pass(500);
    expect(await outcome).toEqual({ drop: "slot" });
  });

  it("takes no frame of another stream of its slot's member", async () => {
    ann.install(1);
    ben.install(1);
    ben.slot = { leaf: ANN, context: CAMERA };
    const outcome = ben.open(await ann.seal());
    time.pass(500);
    expect(await outcome).toEqual({ drop: "slot" });
  });

  it.each([
    ["face", CAMERA, SCREEN_PICTURE, "vp8", delta],
    ["screen", SCREEN_PICTURE, CAMERA, "vp8", delta],
    ["voice", MICROPHONE, SCREEN_SOUND, "opus", sound],
    ["screen's sound", SCREEN_SOUND, MICROPHONE, "opus", sound],
  ] as const)("takes no %s in the place of the other", async (_, sealed, shown, codec, data) => {
    ann.install(1);
    ben.install(1);
    ben.slot = { leaf: ANN, context: shown };
    const outcome = ben.open(await ann.seal(data, sealed), codec);
    time.pass(500);
    expect(await outcome).toEqual({ drop: "slot" });
    ben.slot = { leaf: ANN, context: sealed };
    expect(await ben.open(await ann.seal(data, sealed), codec)).toEqual({ data });
  });

  it("never plays back what this member sent", async () => {
    ann.install(1);
    ann.slot = { leaf: ANN, context: MICROPHONE };
    expect(await ann.open(await ann.seal())).toEqual({ drop: "key" });
  });

  it("holds frames until it is said whose they are", async () => {
    ann.install(1);
    ben.install(1);
    ben.slot = null;
    const outcome = ben.open(await ann.seal());
    ben.slot = { leaf: ANN, context: MICROPHONE };
    ben.frames.reconsider();
    expect(await outcome).toEqual({ data: sound });
  });
});

describe("a frame of an epoch not known yet", () => {
  it("waits for its keys", async () => {
    ann.install(2);
    ben.install(1);
    const outcome = ben.open(await ann.seal());
    time.pass(499);
    ben.install(2);
    expect(await outcome).toEqual({ data: sound });
  });

  it("is dropped after half a second, and so are at once those that follow", async () => {
    ann.install(2);
    ben.install(1);
    const outcome = ben.open(await ann.seal());
    time.pass(500);
    expect(await outcome).toEqual({ drop: "key" });
    expect(await ben.open(await ann.seal())).toEqual({ drop: "key" });
    ben.install(2);
    expect(await ben.open(await ann.seal())).toEqual({ data: sound });
  });
});

describe("a frame of an epoch before one's own first", () => {
  it("is dropped at once: its keys never come", async () => {
    ann.install(4);
    ben.install(5);
    expect(await ben.open(await ann.seal())).toEqual({ drop: "key" });
  });

  it("is told from a later one also where the count of epochs begins anew", async () => {
    ann.install(2047);
    ben.install(2048);
    expect(await ben.open(await ann.seal())).toEqual({ drop: "key" });
    ann.install(2049, { switch_after_ms: 0 });
    const outcome = ben.open(await ann.seal());
    ben.install(2049);
    expect(await outcome).toEqual({ data: sound });
  });
});

describe("what cannot be a frame", () => {
  it("is dropped and counted", async () => {
    ben.install(1);
    expect(await ben.open(new Uint8Array())).toEqual({ drop: "empty" });
    expect(await ben.open(new Uint8Array([1, 2, 3]))).toEqual({ drop: "malformed" });
    expect(await ben.open(new Uint8Array(40).fill(0xff))).toEqual({ drop: "malformed" });
    expect(ben.frames.counts.dropped).toEqual({ empty: 1, malformed: 2 });
  });
});
