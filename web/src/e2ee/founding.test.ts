// Responsible for: that keys can be copied once and never from what is kept, and that imported ones are the same keys.
// Not responsible for: the file (keyfile.test.ts), the charter (core/) or IndexedDB (tests/browser).
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { Borders } from "./borders";
import { Founding, type Core, type MeetingShelf } from "./founding";
import { publicHalf, sign, type Founded } from "./keystore";
import { initSync, passphraseKey } from "./pkg/ringfence_wasm_home.js";

const beside = (path: string) => readFileSync(new URL(path, import.meta.url));
const published = JSON.parse(beside("../../../docs/protocol/vectors/keyfile.json").toString()) as {
  passphrase: string;
  refused: { name: string; file: string }[];
};

const PASS = "four quick snails cross";
const MEETING = "EREREREREREREREREREREQ";
const HPKE = Buffer.alloc(32, 0x55).toString("base64url");
const SERVER = "https://meet.example.org";
const word = {
  statement: "",
  operator: { id: "o", key: "k" },
  log: { origin: "l", key: "k" },
  data: ["d"],
  located: [],
  transcripts: [],
};
const choice = {
  title: "Choir",
  admission: "lobby" as const,
  fence: { preset: "p", operator_word: false, beacons: ["b"] },
};

/** The link that names this owner, as core/charter makes it. */
function linkOf(owner: string): string {
  const hash = createHash("sha256").update(Buffer.from(owner, "base64url")).digest();
  return Buffer.concat([Buffer.alloc(16, 0x44), hash.subarray(0, 16)]).toString("base64url");
}

let shelf: MeetingShelf & { founded: Founded[]; adopted: Founded[]; known: boolean };
let founding: Founding;
let bordersOf: Uint8Array[] = [];
const BORDERS = Uint8Array.of(1);
let asked: { owner_key: string; host_key: string; data: string[]; beacons: string[] };

const core: Core = {
  presets: () => "[]",
  previewFence: () => JSON.stringify({ policy: "", borders: bordersOf.length }),
  loadBorders: (file) => void bordersOf.push(file),
  newMeeting: (json) => {
    asked = JSON.parse(json) as typeof asked;
    const key = linkOf(asked.owner_key);
    return JSON.stringify({ meeting: MEETING, key, payload: "AA", host_hpke: HPKE });
  },
  toBeSigned: (_, payload) => payload,
  assemble: (payload) => payload,
  passphraseKey: (text, salt) =>
    Uint8Array.from({ length: 32 }, (_, at) => {
      return (text[at % text.length] ?? 0) ^ (salt[at % 16] ?? 0);
    }),
};

beforeEach(() => {
  const founded: Founded[] = [];
  const adopted: Founded[] = [];
  shelf = {
    founded,
    adopted,
    known: false,
    found: (one) => Promise.resolve(void founded.push(one)),
    adopt: (one) => Promise.resolve((adopted.push(one), !shelf.known)),
    recent: () => Promise.resolve([]),
  };
  founding = new Founding(core, shelf, new Borders(() => Promise.resolve(BORDERS)));
  bordersOf = [];
});

const ask = <T>(question: Parameters<Founding["answer"]>[0]) =>
  founding.answer(question) as Promise<T>;

async function made(): Promise<number> {
  const { draft } = await ask<{ draft: number }>({ name: "draft", choice, server: word });
  await ask({ name: "keep", draft });
  return draft;
}

const copy = (draft: number) =>
  ask<{ name: string; text: string }>({ name: "copy", draft, server: SERVER, passphrase: PASS });
const bring = (file: string, passphrase = PASS) =>
  ask<{ title: string; known: boolean }>({ name: "import", file, passphrase });

describe("a fence", () => {
  it("is looked at with the borders at hand where beacons have measured the server", async () => {
    const looks = (transcripts: string[]) =>
      ask<{ borders: number }>({
        name: "preview",
        choice: choice.fence,
        server: { ...word, transcripts },
      });
    expect(await looks([])).toMatchObject({ borders: 0 });
    const both = await Promise.all([looks(["t"]), looks(["t"])]);
    expect(both.map(({ borders }) => borders)).toEqual([1, 1]);
  });
});

describe("a meeting that was made", () => {
  it("is kept with keys that nobody can take out, and that sign as the charter says", async () => {
    await made();
    const [kept] = shelf.founded;
    for (const pair of [kept?.owner, kept?.host]) {
      expect(pair?.privateKey.extractable).toBe(false);
      await expect(
        crypto.subtle.exportKey("pkcs8", pair?.privateKey as CryptoKey),
      ).rejects.toThrow();
    }
    expect(await publicHalf(kept?.owner as CryptoKeyPair)).toBe(asked.owner_key);
    expect(await publicHalf(kept?.host as CryptoKeyPair)).toBe(asked.host_key);
  });

  it("names the data sets that the server had when it was made", async () => {
    await made();
    expect([asked.data, asked.beacons]).toEqual([["d"], ["b"]]);
  });

  it("can be copied until it is dropped", async () => {
    const draft = await made();
    expect((await copy(draft)).name).toBe(`ringfence-${MEETING}.key.json`);
    await copy(draft);
    await ask({ name: "drop", draft });
    await expect(copy(draft)).rejects.toMatchObject({ code: "RF6115" });
  });

  it("says RF6102 when the device does not store it", async () => {
    shelf.found = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
    await expect(made()).rejects.toMatchObject({ code: "RF6102" });
  });
});

describe("a key file", () => {
  let file: string;
  beforeEach(async () => {
    file = (await copy(await made())).text;
  });

  it("says its meeting and server to everybody", async () => {
    const header = await ask({ name: "header", file });
    expect(header).toEqual({ server: SERVER, meeting: MEETING });
  });

  it("gives the same keys to another device, where nobody can take them out", async () => {
    expect(await bring(file)).toEqual({ meeting: MEETING, title: "Choir", known: false });
    const [{ owner, host, ...rest } = {} as Founded] = shelf.adopted;
    const fragment = linkOf(asked.owner_key);
    expect(rest).toEqual({ meeting: MEETING, hostHpke: HPKE, fragment, title: "Choir" });
    for (const [pair, key] of [
      [owner, asked.owner_key],
      [host, asked.host_key],
    ] as const) {
      expect(await publicHalf(pair)).toBe(key);
      expect(pair.privateKey.extractable).toBe(false);
      expect(await sign(pair, "AAEC")).toHaveLength(86);
    }
  });

  it("of a meeting that is here already changes nothing, and says so", async () => {
    shelf.known = true;
    expect(await bring(file)).toMatchObject({ known: true });
  });

  it("with another passphrase is RF6113, and nothing is stored", async () => {
    await expect(bring(file, "another passphrase")).rejects.toMatchObject({ code: "RF6113" });
    expect(shelf.adopted).toEqual([]);
  });

  it("says RF6102 when the device does not store it", async () => {
    shelf.adopt = () => Promise.reject(new DOMException("no", "InvalidStateError"));
    await expect(bring(file)).rejects.toMatchObject({ code: "RF6102" });
  });
});

describe("published examples whose parts do not belong together", () => {
  const wrong = published.refused.filter(({ name }) => /link does not name|another key/.test(name));

  it.each(wrong)("$name", async ({ file }) => {
    initSync({ module: beside("./pkg/ringfence_wasm_home_bg.wasm") });
    founding = new Founding(
      { ...core, passphraseKey },
      shelf,
      new Borders(() => Promise.resolve(BORDERS)),
    );
    await expect(bring(file, published.passphrase)).rejects.toMatchObject({ code: "RF6113" });
    expect(shelf.adopted).toEqual([]);
  });

  it("are two", () => expect(wrong).toHaveLength(2));
});
