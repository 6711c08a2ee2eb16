// Responsible for: when a media connection is taken to be silent.
// Not responsible for: what is done about it (socket.test.ts).
import { beforeEach, expect, it } from "vitest";
import { Silence } from "./silence";

let said: number;
let silence: Silence;
const each = (...counts: (number | null)[]) => {
  const before = said;
  for (const count of counts) silence.heard(count);
  return said - before;
};

beforeEach(() => {
  said = 0;
  silence = new Silence(() => (said += 1));
});

it("is said after a second without a packet, and each second until one comes", () => {
  expect(each(5, 9)).toBe(0);
  expect(each(9, 9)).toBe(2);
  expect(each(10, 11, 12)).toBe(0);
  expect(each(12)).toBe(1);
});

it("is not known before anything came, or in a browser that does not count", () => {
  expect(each(0, 0, 0, 0)).toBe(0);
  expect(each(null, null, null, null)).toBe(0);
});
