// Responsible for: SFrame as RFC 9605 has it, by its own vectors.
// Not responsible for: keys over time (keyring.test.ts).
import { describe, expect, it } from "vitest";
import type { Bytes } from "./bytes";
import { BaseKey, Counter, decodeHeader, encodeHeader, NotSFrame } from "./sframe";

const bytes = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
const TAG = "00".repeat(16);

/** RFC 9605 appendix C.1, those whose values a number holds exactly. */
const HEADERS: [kid: number, ctr: number, header: string][] = [
  [0, 0, "00"],
  [0, 1, "01"],
  [0, 255, "08ff"],
  [0, 65536, "0a010000"],
  [0, 281474976710656, "0e01000000000000"],
  [1, 0, "10"],
  [1, 4294967295, "1bffffffff"],
  [255, 0, "80ff"],
  [255, 256, "89ff0100"],
  [256, 1, "910100"],
  [256, 65535, "990100ffff"],
  [65535, 255, "98ffffff"],
  [65536, 1099511627776, "ad0100000100" + "00000000"],
  [16777215, 0, "a0ffffff"],
  [16777215, 16777216, "abffffff01000000"],
  [4294967295, 1, "b1ffffffff"],
];

/** RFC 9605 appendix C.3, cipher suite 0x0004. */
const VECTOR = {
  kid: 0x123,
  ctr: 0x4567,
  base: "000102030405060708090a0b0c0d0e0f",
  metadata: "4945544620534672616d65205747",
  plain: "64726166742d696574662d736672616d652d656e63",
  sealed: "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb",
};

async function openVector(sealed: Bytes, metadata: Bytes, kid = VECTOR.kid): Promise<string> {
  const key = await new BaseKey(bytes(VECTOR.base)).opening(kid);
  return hex(await key.open(decodeHeader(sealed), metadata, sealed));
}

describe("an SFrame header", () => {
  it.each(HEADERS)("of KID %d and counter %d is %s", (kid, ctr, header) => {
    expect(hex(encodeHeader(kid, ctr))).toBe(header);
    expect(decodeHeader(bytes(header + TAG))).toEqual({ kid, ctr, size: header.length / 2 });
  });

  it.each([
    ["nothing", ""],
    ["a KID cut short", "99"],
    ["a counter cut short", "9901234"],
    ["no room for the tag", "9901234567" + "00".repeat(15)],
    ["a long form of a short value", "8007" + TAG],
    ["a leading zero", "9000ff" + TAG],
    ["a counter beyond what a number holds", "0f0100000000000000" + TAG],
  ])("with %s is refused", (_, header) => {
    expect(() => decodeHeader(bytes(header))).toThrow(NotSFrame);
  });
});

describe("a frame", () => {
  it("is sealed as in the RFC's vector", async () => {
    const base = new BaseKey(bytes(VECTOR.base));
    const key = await base.sealing(VECTOR.kid, new Counter(VECTOR.ctr));
    const sealed = await key.seal(bytes(VECTOR.metadata), bytes(VECTOR.plain));
    expect(hex(sealed)).toBe(VECTOR.sealed);
  });

  it("is opened as in the RFC's vector", async () => {
    const opened = await openVector(bytes(VECTOR.sealed), bytes(VECTOR.metadata));
    expect(opened).toBe(VECTOR.plain);
  });

  it("does not open with another metadata or another KID's key", async () => {
    const sealed = bytes(VECTOR.sealed);
    await expect(openVector(sealed, bytes("00"))).rejects.toThrow();
    await expect(openVector(sealed, bytes(VECTOR.metadata), 0x124)).rejects.toThrow();
  });

  it("does not open with any byte after the config byte changed", async () => {
    const metadata = bytes(VECTOR.metadata);
    for (let at = 1; at < VECTOR.sealed.length / 2; at++) {
      const sealed = bytes(VECTOR.sealed);
      sealed[at] = (sealed[at] ?? 0) ^ 1;
      await expect(openVector(sealed, metadata), `byte ${at}`).rejects.toThrow();
    }
  });
});

describe("a key", () => {
  it("never seals two frames with one counter, even at the same time", async () => {
    const key = await new BaseKey(bytes(VECTOR.base)).sealing(1, new Counter());
    const all = await Promise.all(
      Array.from({ length: 300 }, () => key.seal(new Uint8Array(), bytes("00"))),
    );
    const counters = new Set(all.map((sealed) => decodeHeader(sealed).ctr));
    expect(counters.size).toBe(300);
    expect(counters).toContain(299);
  });

  it("seals nothing more when its counter has run out", async () => {
    const counter = new Counter(Number.MAX_SAFE_INTEGER);
    const key = await new BaseKey(bytes(VECTOR.base)).sealing(1, counter);
    await key.seal(new Uint8Array(), bytes("00"));
    await expect(key.seal(new Uint8Array(), bytes("00"))).rejects.toThrow(RangeError);
  });

  it("leaves nothing of the bytes it was made from", async () => {
    const base = bytes(VECTOR.base);
    const key = new BaseKey(base);
    expect(hex(base)).toBe("00".repeat(16));
    const sealed = bytes(VECTOR.sealed);
    const opened = await (
      await key.opening(VECTOR.kid)
    ).open(decodeHeader(sealed), bytes(VECTOR.metadata), sealed);
    expect(hex(opened)).toBe(VECTOR.plain);
  });
});
