// Responsible for: what a key file changes of what this device remembers, and what it must not.
// Not responsible for: a real IndexedDB (tests/browser), or opening the file (keyfile.test.ts).
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Keystore, newSigningKey, type Founded } from "./keystore";

type Row = { meeting: string; log?: never } | { log: string; meeting?: never };

/** As much of IndexedDB as is used; nothing in it waits. */
function pretendDatabase() {
  const stores: Record<string, Map<string, unknown>> = {
    meetings: new Map(),
    device: new Map(),
    logs: new Map(),
  };
  const answered = (result: unknown) => {
    const request = { result, onsuccess: () => undefined };
    queueMicrotask(() => request.onsuccess());
    return request;
  };
  const objectStore = (name: string) => ({
    get: (key: string) => answered(stores[name]?.get(key)),
    getAll: () => answered([...(stores[name]?.values() ?? [])]),
    put: (value: Row, key = value.meeting ?? value.log) => answered(stores[name]?.set(key, value)),
  });
  return { open: () => answered({ transaction: () => ({ objectStore }) }) };
}

const MEETING = "AAECAwQFBgcICQoLDA0ODw";
let keystore: Keystore;
const founded = async (fragment: string): Promise<Founded> => {
  const [owner, host] = await Promise.all([newSigningKey(), newSigningKey()]);
  return { meeting: MEETING, owner, host, hostHpke: "hpke", fragment, title: "Choir" };
};

beforeEach(async () => {
  vi.stubGlobal("indexedDB", pretendDatabase());
  keystore = await Keystore.open();
});
afterEach(() => vi.unstubAllGlobals());

it("a guest becomes the owner with the file of the same link", async () => {
  await keystore.begin(MEETING, "the link");
  await keystore.visit(MEETING, { fragment: "the link", title: "Choir" });
  expect(await keystore.recent()).toMatchObject([{ title: "Choir", owner: false }]);
  expect(await keystore.adopt(await founded("the link"))).toBe(true);
  expect(await keystore.recent()).toMatchObject([{ title: "Choir", owner: true }]);
  expect(await keystore.adopt(await founded("the link"))).toBe(false);
});

it("a file of another link than the one that let this device in has a code of its own, and changes nothing", async () => {
  await keystore.begin(MEETING, "the link");
  await keystore.visit(MEETING, { fragment: "the link", title: "Choir" });
  const before = await keystore.find(MEETING);
  const other = await founded("another link");
  await expect(keystore.adopt(other)).rejects.toMatchObject({ code: "RF6116" });
  expect(await keystore.find(MEETING)).toEqual(before);
});

it("a link that let nobody in counts for nothing against the file", async () => {
  await keystore.begin(MEETING, "a link that somebody made up");
  expect(await keystore.adopt(await founded("the link"))).toBe(true);
  expect(await keystore.find(MEETING)).toMatchObject({ fragment: "the link" });
});

it("of each log the newest checkpoint stays, whichever page saw it", async () => {
  const seen = (log: string, size: number) => ({ log, size, checkpoint: `${log} ${size}` });
  await keystore.seeLog(seen("a", 4));
  await keystore.seeLog(seen("b", 1));
  await keystore.seeLog(seen("a", 9));
  await keystore.seeLog(seen("a", 7));
  expect(await keystore.logs()).toEqual({ a: "a 9", b: "b 1" });
});
