import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newClock } from "./clock";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000, toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("time passes as it does", () => {
  const clock = newClock();
  vi.advanceTimersByTime(1500);
  expect(clock()).toBe(1_001_500);
});

test("a clock that is set back goes on from where it was", () => {
  const clock = newClock();
  vi.advanceTimersByTime(1000);
  expect(clock()).toBe(1_001_000);
  vi.setSystemTime(400_000);
  expect(clock()).toBe(1_001_000);
  vi.advanceTimersByTime(5000);
  expect(clock()).toBe(1_006_000);
});

test("a clock that is set ahead is followed", () => {
  const clock = newClock();
  vi.setSystemTime(9_000_000);
  expect(clock()).toBe(9_000_000);
  vi.advanceTimersByTime(10);
  expect(clock()).toBe(9_000_010);
});
