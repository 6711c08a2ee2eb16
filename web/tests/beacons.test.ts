// Responsible for: which beacons a new meeting gets: those that are offered and not taken away, and those that are typed.
// Not responsible for: what they prove (the core), or the window around them (tests/browser).
import { expect, test } from "vitest";
import { isKey, keysIn } from "../src/views/home/useBeacons";

const KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

test("keys are typed with spaces, commas or lines between", () => {
  expect(keysIn(` ${KEY},\n${KEY}  `)).toEqual([KEY, KEY]);
  expect(keysIn("  ")).toEqual([]);
});

test.each([
  ["a key", KEY, true],
  ["one with dashes", `-_${KEY.slice(2)}`, true],
  ["too short", KEY.slice(1), false],
  ["too long", `${KEY}E`, false],
  ["standard base64", `${KEY.slice(0, 41)}+E`, false],
  ["padded", `${KEY}=`, false],
  ["another spelling of the same bytes", `${KEY.slice(0, 42)}F`, false],
])("%s", (_, text, is) => expect(isKey(text)).toBe(is));
