// Responsible for: the KID's layout, as docs/protocol has it.
// Not responsible for: headers (sframe.test.ts).
import { describe, expect, it } from "vitest";
import { CAMERA, kidOf, MICROPHONE, readKid } from "./kid";

describe("a KID", () => {
  it.each([
    [{ context: MICROPHONE, leaf: 0, epoch: 0 }, 0],
    [{ context: MICROPHONE, leaf: 1, epoch: 2 }, 0x802],
    [{ context: CAMERA, leaf: 0, epoch: 0 }, 0x200000],
    [{ context: 7, leaf: 1023, epoch: 2047 }, 0xffffff],
  ])("of %o is %d", (parts, kid) => {
    expect(kidOf(parts)).toBe(kid);
    expect(readKid(kid)).toEqual(parts);
  });

  it("holds the last 11 bits of the epoch, however large it is", () => {
    expect(kidOf({ context: 0, leaf: 3, epoch: 2048 + 5 })).toBe((3 << 11) | 5);
    expect(kidOf({ context: 0, leaf: 0, epoch: 2 ** 40 + 7 })).toBe(7);
  });

  it("of more than 24 bits is none", () => {
    expect(readKid(0x1000000)).toBeNull();
    expect(readKid(2 ** 40)).toBeNull();
  });

  it("cannot name a leaf or stream that does not fit", () => {
    expect(() => kidOf({ context: 0, leaf: 1024, epoch: 0 })).toThrow(RangeError);
    expect(() => kidOf({ context: 8, leaf: 0, epoch: 0 })).toThrow(RangeError);
  });
});
