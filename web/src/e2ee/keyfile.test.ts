// Responsible for: that key files are what docs/protocol/keyfile.md says, and that any other bytes are refused by code.
// Not responsible for: what is done with the keys in them (founding.test.ts).
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it, test } from "vitest";
import { fromBase64url, toBase64url } from "./bytes";
import { nameOf, openKeyFile, prepared, readHeader, sealKeyFile, type Secrets } from "./keyfile";
import { initSync, passphraseKey } from "./pkg/ringfence_wasm_home.js";
import { Problem } from "./problem";

const beside = (path: string) => readFileSync(new URL(path, import.meta.url));

interface Vectors {
  keys: { passphrase: string; prepared: string; salt: string; key: string }[];
  passphrase: string;
  header: { server: string; meeting: string };
  secrets: Secrets;
  file: string;
  refused: { name: string; code: string; file: string }[];
}
const published = JSON.parse(
  beside("../../../docs/protocol/vectors/keyfile.json").toString(),
) as Vectors;
const { header, secrets, passphrase } = published;
const place = { server: header.server, meeting: header.meeting };

/** Quick, for tests that are not about the key: a few letters of both, folded. */
function quick(text: Uint8Array, salt: Uint8Array): Uint8Array {
  const key = new Uint8Array(32);
  [...text, ...salt].forEach(
    (byte, at) => (key[at % 32] = ((key[at % 32] ?? 0) * 31 + byte) & 255),
  );
  return key;
}

async function codeOf(opening: Promise<unknown>): Promise<string> {
  const thrown: unknown = await opening.then(
    () => "opened",
    (error: unknown) => error,
  );
  return thrown instanceof Problem ? thrown.code : String(thrown);
}

describe("as published", () => {
  beforeAll(() => void initSync({ module: beside("./pkg/ringfence_wasm_home_bg.wasm") }));

  it.each(published.keys)("“$passphrase” gives its key", ({ passphrase: typed, ...expected }) => {
    expect(new TextDecoder().decode(prepared(typed))).toBe(expected.prepared);
    const key = passphraseKey(prepared(typed), fromBase64url(expected.salt));
    expect(toBase64url(key)).toBe(expected.key);
  });

  it("the file opens", async () => {
    expect(readHeader(published.file)).toEqual(place);
    const opened = await openKeyFile(published.file, passphrase, passphraseKey);
    expect(opened).toEqual({ ...place, ...secrets });
  });

  it("the file does not open with another passphrase", async () => {
    const opening = openKeyFile(published.file, passphrase.toUpperCase(), passphraseKey);
    expect(await codeOf(opening)).toBe("RF6113");
  });

  const formal = published.refused.filter(
    ({ name }) => !/link does not name|another key/.test(name),
  );
  it.each(formal)("$name is $code", async ({ file, code }) => {
    expect(await codeOf(openKeyFile(file, passphrase, passphraseKey))).toBe(code);
  });
});

test("what is sealed here opens here, and no two files are alike", async () => {
  const files = await Promise.all(
    [1, 2].map(() => sealKeyFile(place, secrets, "four words", quick)),
  );
  for (const file of files) {
    expect(await openKeyFile(file, "four words", quick)).toEqual({ ...place, ...secrets });
    expect(file).not.toContain(secrets.fragment);
    expect(file).not.toContain(secrets.title);
  }
  const parts = files.map((file) => JSON.parse(file) as Record<string, string>);
  for (const name of ["protected", "iv", "ciphertext", "tag"])
    expect(parts[0]?.[name]).not.toBe(parts[1]?.[name]);
});

test("the name of the file names the meeting", () => {
  expect(nameOf(place.meeting)).toBe("ringfence-EREREREREREREREREREREQ.key.json");
});

describe("other bytes are refused by code, and nothing else happens", () => {
  const refused = /^RF611[123]$/;

  it("cut anywhere", async () => {
    const { file } = published;
    for (let length = 0; length < file.trimEnd().length; length++) {
      expect(await codeOf(openKeyFile(file.slice(0, length), passphrase, quick))).toMatch(refused);
    }
  });

  it("with any letter changed", async () => {
    const file = await sealKeyFile(place, secrets, passphrase, quick);
    for (let at = 0; at < file.length; at++) {
      const other = file[at] === "A" ? "B" : "A";
      const changed = file.slice(0, at) + other + file.slice(at + 1);
      expect([at, await codeOf(openKeyFile(changed, passphrase, quick))]).toEqual([
        at,
        expect.stringMatching(refused),
      ]);
    }
  });

  it("made up from a seed", async () => {
    const letters = `{}[]":,.\\ \n\u0000é💧-_AQprotectedivtag0123456789null`;
    let state = 20_261_124;
    const next = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: next(60) }, () => letters.charAt(next(letters.length)));
      expect([text, await codeOf(openKeyFile(text.join(""), passphrase, quick))]).toEqual([
        text,
        "RF6111",
      ]);
    }
  });

  it.each(["null", "[]", "7", '"protected"', '{"protected":7}', '{"protected":"bnVsbA"}', "{}"])(
    "%s",
    async (text) => expect(await codeOf(openKeyFile(text, passphrase, quick))).toBe("RF6111"),
  );

  it("of any length", async () => {
    const text = published.file + " ".repeat(20_000);
    expect(await codeOf(openKeyFile(text, passphrase, quick))).toBe("RF6111");
  });
});
