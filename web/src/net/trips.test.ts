// Responsible for: what a round trip is told to be: never shorter than it was, and of no answer that was not asked for.
// Not responsible for: real channels (tests/browser), or what follows from it (core/e2ee).
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { stepOf, Trips, type TripChannel } from "./trips";

/** A clock that shows the time in steps, and goes on a little with each look. */
const STEP = 0.1;
const LOOK = 0.03;
let time: number;
const now = () => {
  time += LOOK;
  return Math.floor(time / STEP) * STEP;
};

class Channel {
  binaryType: BinaryType = "blob";
  bufferedAmount = 0;
  readyState: RTCDataChannelState = "connecting";
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  sent: Uint8Array[] = [];
  closed = false;
  send(nonce: Uint8Array): void {
    this.sent.push(nonce.slice());
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.readyState = "open";
    this.onopen?.();
  }
  answer(nonce: Uint8Array | undefined): void {
    this.onmessage?.({ data: nonce?.slice().buffer });
  }
}

let channel: Channel;
let told: [number, number][];
let trips: Trips;

beforeEach(() => {
  vi.useFakeTimers();
  time = 1000;
  channel = new Channel();
  told = [];
  trips = new Trips(
    channel as unknown as TripChannel,
    (milliseconds, samples) => told.push([milliseconds, samples]),
    now,
  );
});

afterEach(() => {
  trips.close();
  vi.useRealTimers();
});

/** Lets the page's timers and the clock go on alike. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

/** Answers what is asked from now on after so many milliseconds each. */
function answering(...took: number[]): void {
  channel.send = (nonce) => {
    channel.sent.push(nonce.slice());
    time += took[(channel.sent.length - 1) % took.length] ?? 0;
    channel.answer(nonce);
  };
}

it("asks many times at first, spaced, and some every 30 s", async () => {
  answering(8);
  channel.open();
  expect(channel.sent).toHaveLength(1);
  await pass(50);
  expect(channel.sent).toHaveLength(1);
  await pass(1_500);
  expect(channel.sent).toHaveLength(20);
  await pass(29_000);
  expect(channel.sent).toHaveLength(20);
  await pass(2_000);
  expect(channel.sent).toHaveLength(25);
  expect(new Set(channel.sent.map((nonce) => nonce.join(" "))).size).toBe(25);
  expect(channel.sent.every((nonce) => nonce.length === 16)).toBe(true);
});

it("tells the least of what was measured, and never less than it was", async () => {
  answering(30, 12, 25, 12.04, 90);
  channel.open();
  await pass(60 * 4);
  expect(told).toHaveLength(1);
  const [least, samples] = told[0] ?? [0, 0];
  expect(samples).toBe(5);
  expect(least).toBeGreaterThanOrEqual(12);
  expect(least).toBeLessThan(12 + 4 * STEP);
});

it("is never told a time shorter than the truth, wherever in its steps the clock is", async () => {
  for (let start = 0; start < 40; start++) {
    time = 5000 + start * 0.0137;
    const [one, many] = [new Channel(), [] as number[]];
    const other = new Trips(one as unknown as TripChannel, (least) => many.push(least), now);
    one.send = (nonce) => {
      time += 3;
      one.answer(nonce);
    };
    one.open();
    await pass(60 * 4);
    other.close();
    expect(many[0]).toBeGreaterThanOrEqual(3);
  }
});

it("measures again at once when that is asked for, and counts nothing from before", async () => {
  answering(8);
  channel.open();
  await pass(10_000);
  expect(channel.sent).toHaveLength(20);
  const before = told.length;
  // One that is on its way, and one that was answered and not told yet.
  channel.send = (nonce) => channel.sent.push(nonce.slice());
  trips.again();
  channel.answer(channel.sent[20]);
  await pass(70);
  const late = channel.sent[21];
  answering(30);
  trips.again();
  channel.answer(late);
  await pass(60 * 4);
  expect(told.slice(before).map(([least, samples]) => [Math.floor(least), samples])).toEqual([
    [30, 5],
  ]);
  await pass(2_000);
  expect(channel.sent).toHaveLength(42);
  await pass(30_000);
  expect(channel.sent).toHaveLength(47);
});

it("takes no answer that was not asked for, and none twice", async () => {
  channel.open();
  await pass(60 * 19);
  const first = channel.sent[0];
  channel.onmessage?.({ data: "words" });
  channel.answer(new Uint8Array(16));
  channel.answer(first?.slice(1));
  for (let again = 0; again < 9; again++) channel.answer(first);
  await pass(4_000);
  expect(told.map(([, samples]) => samples)).toEqual([1]);
  // What came too late is of a round that is over.
  channel.answer(channel.sent[1]);
  await pass(40_000);
  expect(told).toHaveLength(1);
});

it("sends nothing behind what still waits to be sent, and nothing once it is closed", async () => {
  channel.bufferedAmount = 1000;
  channel.open();
  await pass(300);
  expect(channel.sent).toHaveLength(0);
  channel.bufferedAmount = 0;
  await pass(60);
  expect(channel.sent).toHaveLength(1);
  trips.close();
  await pass(60_000);
  expect(channel.sent).toHaveLength(1);
  expect(channel.closed).toBe(true);
});

it("tells nothing by a clock that stands", async () => {
  const stands = new Channel();
  const other = new Trips(
    stands as unknown as TripChannel,
    (...one) => told.push(one),
    () => 7,
  );
  stands.send = (nonce) => stands.answer(nonce);
  stands.open();
  await pass(40_000);
  other.close();
  expect(told).toEqual([]);
  expect(stepOf(() => 7)).toBe(Infinity);
});
