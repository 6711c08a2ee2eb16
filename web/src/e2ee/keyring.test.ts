// Responsible for: which keys seal and open at which time, epoch after epoch.
// Not responsible for: what else drops a frame (frames.test.ts).
import { beforeEach, describe, expect, it } from "vitest";
import { MICROPHONE, readKid } from "./kid";
import { ANN, BEN, Person, sound, Time } from "./people.fixture";
import { decodeHeader } from "./sframe";

let time: Time;
let ann: Person;
let ben: Person;

beforeEach(() => {
  time = new Time();
  ann = new Person(ANN, { leaf: BEN, context: MICROPHONE }, time);
  ben = new Person(BEN, { leaf: ANN, context: MICROPHONE }, time);
});

/** The epoch whose key seals a sound now. */
async function sealingEpoch(): Promise<number | undefined> {
  return readKid(decodeHeader(await ann.seal()).kid)?.epoch;
}

describe("a new epoch", () => {
  it("is sealed for within half a second after somebody joined", async () => {
    ann.install(1);
    ann.install(2);
    expect(await sealingEpoch()).toBe(1);
    time.pass(499);
    expect(await sealingEpoch()).toBe(1);
    time.pass(1);
    expect(await sealingEpoch()).toBe(2);
  });

  it("is not put off by another one", async () => {
    ann.install(1);
    ann.install(2);
    time.pass(400);
    ann.install(3);
    time.pass(100);
    expect(await sealingEpoch()).toBe(3);
  });

  it("is sealed for at once after a removal", async () => {
    ann.install(1);
    ann.install(2);
    ann.install(3, { switch_after_ms: 0 });
    expect(await sealingEpoch()).toBe(3);
  });

  it("leaves the old keys opening for 10 s", async () => {
    ann.install(1);
    ben.install(1);
    const [early, late] = [await ann.seal(), await ann.seal()];
    ben.install(2);
    time.pass(9_999);
    expect(await ben.open(early)).toEqual({ data: sound });
    time.pass(1);
    expect(await ben.open(late)).toEqual({ drop: "key" });
  });

  it("leaves all old keys only 2 s after a removal", async () => {
    ann.install(1);
    ben.install(1);
    const [early, late] = [await ann.seal(), await ann.seal()];
    ben.install(2);
    ben.install(3, { close_old_after_ms: 2_000 });
    time.pass(1_999);
    expect(await ben.open(early)).toEqual({ data: sound });
    time.pass(1);
    expect(await ben.open(late)).toEqual({ drop: "key" });
  });

  it("without a member opens nothing of theirs", async () => {
    ann.install(2);
    ben.install(2, { leaves: [{ leaf: BEN }] });
    expect(await ben.open(await ann.seal())).toEqual({ drop: "key" });
  });
});

describe("counters", () => {
  const counter = async () => decodeHeader(await ann.seal()).ctr;

  it("go on when the same epoch's keys are given again", async () => {
    ann.install(1);
    await ann.seal();
    await ann.seal();
    ann.install(1, { switch_after_ms: 0 });
    expect(await counter()).toBe(2);
    ann.ring.clear();
    ann.install(1);
    expect(await counter()).toBe(3);
  });

  it("begin anew with the keys of another group", async () => {
    ann.install(1);
    await ann.seal();
    ann.install(1, { group: 1, switch_after_ms: 0 });
    expect(await counter()).toBe(0);
  });
});
