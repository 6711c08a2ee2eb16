// Responsible for: what the worker does with the participant's outputs, and when media flows.
// Not responsible for: the participant itself (core/e2ee) or keys over time (keyring.test.ts).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Borders } from "./borders";
import { newSigningKey, publicHalf, type Remembered } from "./keystore";
import type { FromWorker } from "./messages";
import { fetched, keys, Puppet } from "./puppet.fixture";
import { Session, type MeetingMemory } from "./session";
import type { Line, Transformer } from "./transforms";

let told: FromWorker[];
let remembered: Remembered;
let memory: MeetingMemory & { calls: unknown[] };
let puppet: Puppet;
let session: Session;

beforeEach(async () => {
  vi.useFakeTimers({
    now: 1_000_000,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "Date", "performance"],
  });
  locks(true);
  told = [];
  const [member, host] = await Promise.all([newSigningKey(), newSigningKey()]);
  const owner = await newSigningKey();
  remembered = { member, owner, host, hostHpke: "aGk", fragment: "key", seen: { version: 2 } };
  const calls: unknown[] = [];
  const called = (...call: unknown[]) => Promise.resolve(void calls.push(call));
  memory = {
    calls,
    begin: () => Promise.resolve(),
    find: () => Promise.resolve(remembered),
    keep: called,
    logs: () => Promise.resolve({ "a log": "its checkpoint" }),
    seeLog: called,
    see: called,
    visit: called,
  };
  session = new Session((message) => told.push(message), new Borders(fetched));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function locks(free: boolean): void {
  const request = (_: string, __: unknown, held: () => unknown) =>
    free ? Promise.resolve(held()) : Promise.reject(new Error("held by another page"));
  vi.stubGlobal("navigator", { locks: { request } });
}

async function open(given: string | null = null): Promise<void> {
  await session.open("m", given, memory, (config) => (puppet = new Puppet(config)));
}

function say(...outputs: unknown[]): void {
  puppet.says.push(...outputs);
  session.handle({ t: "online" });
}

/** Puts frames through one line and gives what came out. */
function through(options: Line, ...frames: Uint8Array[]): Promise<Uint8Array[]> {
  const out: Uint8Array[] = [];
  const readable: Transformer["readable"] = new ReadableStream({
    start(controller) {
      const getMetadata = () => ({});
      for (const data of frames)
        controller.enqueue({ data: new Uint8Array(data).buffer, getMetadata });
      controller.close();
    },
  });
  return new Promise((resolve) => {
    const writable: Transformer["writable"] = new WritableStream({
      write: ({ data }) => void out.push(new Uint8Array(data)),
      close: () => {
        resolve(out);
      },
    });
    session.transforms.attach({ options, readable, writable });
  });
}

const microphone: Line = { role: "sender", line: 1, kind: "audio", context: 0 };
const sound = new Uint8Array([1, 2, 3, 4]);

describe("the participant", () => {
  it("is made with public keys, the link and what was seen, and no private key", async () => {
    await open();
    expect(puppet.config).toEqual({
      meeting: "m",
      key: "key",
      member_key: await publicHalf(remembered.member),
      host_key: remembered.host && (await publicHalf(remembered.host)),
      host_hpke: "aGk",
      owner_key: remembered.owner && (await publicHalf(remembered.owner)),
      name: "",
      seen: { version: 2 },
      logs: { "a log": "its checkpoint" },
    });
    expect(told).toContainEqual({ t: "opened" });
  });

  it("is not made without a link", async () => {
    memory.find = () => Promise.resolve(null);
    await expect(open()).rejects.toMatchObject({ code: "RF6101" });
  });

  it("is made with the link just opened rather than the remembered one", async () => {
    await open("other");
    expect(puppet.config).toMatchObject({ key: "other" });
  });

  it("is another member, and no host, on a second page of the same device", async () => {
    locks(false);
    await open();
    expect(puppet.config).toMatchObject({ host_key: null, host_hpke: null });
    expect(puppet.config["member_key"]).not.toBe(await publicHalf(remembered.member));
  });

  it("is woken when it asked to be", async () => {
    await open();
    puppet.next = 1_000_400;
    say();
    vi.advanceTimersByTime(399);
    expect(puppet.heard.map(({ t }) => t)).toEqual(["online"]);
    puppet.next = undefined;
    vi.advanceTimersByTime(1);
    expect(puppet.heard.map(({ t }) => t)).toEqual(["online", "tick"]);
  });
});

it("gives the participant the borders of countries once somebody is in", async () => {
  await open();
  say({ t: "event", event: { t: "phase", phase: "in" } });
  await vi.waitFor(() => expect(puppet.borders).toEqual([Uint8Array.of(1, 2, 3)]));
});

describe("the rehearsal", () => {
  const ready = { t: "event", event: { t: "phase", phase: "ready" } };

  it("is held once, when one may join, and after what was under way", async () => {
    await open();
    vi.advanceTimersByTime(0);
    expect(puppet.rehearsals).toBe(0);
    say(ready);
    expect(puppet.rehearsals).toBe(0);
    vi.advanceTimersByTime(0);
    say(ready);
    vi.advanceTimersByTime(0);
    expect(puppet.rehearsals).toBe(1);
  });

  it("stops nobody when it fails", async () => {
    await open();
    say(ready);
    puppet.broken = true;
    vi.advanceTimersByTime(0);
    expect(told.filter((one) => one.t === "event")).toEqual([ready]);
  });
});

describe("what the participant says", () => {
  it("to the server, and of answers and events, reaches the page in order", async () => {
    await open();
    told.length = 0;
    const event = { t: "cutoff", since: null };
    const [hello, answer] = [{ t: "hello" }, { t: "answer", sdp: "v=0" }];
    say({ t: "renew" }, { t: "send", message: hello }, answer, { t: "event", event });
    expect(told).toEqual([
      { t: "renew" },
      { t: "send", message: { t: "hello" } },
      { t: "answer", sdp: "v=0" },
      { t: "event", event },
    ]);
  });

  it("is signed with the key that it names", async () => {
    await open();
    say({ t: "sign", id: "a", key: "host", tbs: "aGVsbG8" });
    await vi.waitUntil(() => puppet.heard.length === 2);
    const { signature } = puppet.heard[1] as unknown as { signature: string };
    const good = (pair: CryptoKeyPair) =>
      crypto.subtle.verify(
        "Ed25519",
        pair.publicKey,
        Buffer.from(signature, "base64url"),
        Buffer.from("hello"),
      );
    expect(await good(remembered.host as CryptoKeyPair)).toBe(true);
    expect(await good(remembered.member)).toBe(false);
  });

  it("and cannot be signed is a problem that is told", async () => {
    await open();
    const unfit = { ...remembered.member, privateKey: remembered.member.publicKey };
    remembered.member = unfit; // may not sign
    await open();
    say({ t: "sign", id: "a", key: "member", tbs: "aGVsbG8" });
    const problem = { t: "problem", code: "RF6103", fatal: false };
    const event = expect.objectContaining(problem) as unknown;
    await vi.waitFor(() => expect(told).toContainEqual({ t: "event", event }));
    expect(puppet.heard.map(({ t }) => t)).toEqual(["online"]);
  });

  it("of a charter is signed with the owner's key", async () => {
    await open();
    say({ t: "sign", id: "a", key: "owner", tbs: "aGVsbG8" });
    await vi.waitUntil(() => puppet.heard.length === 2);
    const { signature } = puppet.heard[1] as unknown as { signature: string };
    const owner = remembered.owner as CryptoKeyPair;
    const given = [Buffer.from(signature, "base64url"), Buffer.from("hello")] as const;
    expect(await crypto.subtle.verify("Ed25519", owner.publicKey, ...given)).toBe(true);
  });

  it("keeps the secret of a host to be, on the first page of this device alone", async () => {
    await open();
    say({ t: "keep", host_hpke: "c2VjcmV0" });
    expect(memory.calls).toContainEqual(["m", "c2VjcmV0"]);
    memory.calls.length = 0;
    locks(false);
    await open();
    expect(puppet.config["owner_key"]).toBeNull();
    say({ t: "keep", host_hpke: "c2VjcmV0" });
    expect(memory.calls).toEqual([]);
  });

  it("is a problem when it wants a signature of a key that is not there", async () => {
    remembered.host = null;
    await open();
    say({ t: "sign", id: "a", key: "host", tbs: "aGVsbG8" });
    expect(told.at(-1)).toMatchObject({ event: { t: "problem", code: "RF6103" } });
  });

  it("is remembered: what was seen, and the link once it let us in", async () => {
    await open("new");
    say(
      { t: "remember", seen: { version: 3 } },
      { t: "event", event: { t: "meeting", title: "Board" } },
      { t: "event", event: { t: "phase", phase: "in" } },
    );
    expect(memory.calls).toEqual([
      ["m", { version: 3 }],
      ["m", { fragment: "new", title: "Board" }],
    ]);
  });
});

describe("media", () => {
  it("does not flow before the participant says so, even with keys", async () => {
    await open();
    say(keys(1));
    expect(await through(microphone, sound)).toEqual([]);
    say({ t: "media", open: true, why: "" });
    expect(await through(microphone, sound, sound)).toHaveLength(2);
  });

  it("ends with the participant's word", async () => {
    await open();
    say(keys(1), { t: "media", open: true, why: "" }, { t: "media", open: false, why: "RF3301" });
    expect(await through(microphone, sound)).toEqual([]);
  });

  it.each(["left", "removed", "denied", "stopped"])("ends when it is over: %s", async (phase) => {
    await open();
    say(keys(1), { t: "media", open: true, why: "" }, { t: "event", event: { t: "phase", phase } });
    say({ t: "media", open: true, why: "" });
    expect(await through(microphone, sound)).toEqual([]);
  });

  it("ends when the participant breaks, and the page is told that it stopped", async () => {
    await open();
    say(keys(1), { t: "media", open: true, why: "" });
    puppet.broken = true;
    session.handle({ t: "tick" });
    expect(await through(microphone, sound)).toEqual([]);
    expect(told.at(-1)).toEqual({
      t: "event",
      event: { t: "phase", phase: "stopped", code: "RF6103" },
    });
  });

  it("is opened on the line that shows its sender, with bytes of keys that are wiped", async () => {
    await open();
    say(keys(1), { t: "media", open: true, why: "" });
    const sealed = await through(microphone, sound);
    expect(puppet.given.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    say(keys(1, 1));
    session.setSlots([{ line: 7, leaf: 0, context: 0 }]);
    expect(await through({ role: "receiver", line: 7, kind: "audio" }, ...sealed)).toEqual([sound]);
  });
});
