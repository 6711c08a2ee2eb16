// Responsible for: how long the page keeps what the server said of itself, and the worker that it asks.
// Not responsible for: the answers (e2ee/founding.test.ts) or real servers (tests/browser).
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FromWorker, ToWorker } from "../e2ee/messages";
import { ServerDirectory } from "./directory";

class FakeWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  ended = false;
  silent = false;
  asked: unknown[] = [];
  terminate = () => (this.ended = true);
  postMessage(message: ToWorker): void {
    if (message.t !== "ask") return;
    this.asked.push(message.question);
    const { id } = message;
    if (!this.silent) queueMicrotask(() => this.onmessage?.({ data: answer(id) }));
  }
}

const answer = (id: number): FromWorker => ({ t: "answered", id, answer: {} });
const workers: FakeWorker[] = [];
vi.mock("./worker", () => ({
  newWorker: () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  },
}));

const EU = { preset: "eu", operator_word: false, beacons: [] };
let statement: string;
let requests: number;
let directory: ServerDirectory;

beforeEach(() => {
  workers.length = 0;
  [statement, requests] = ["first", 0];
  vi.stubGlobal("fetch", () => {
    requests++;
    const data = [{ kind: "geoip", name: "some", date: "2026-11-01", digest: "d" }];
    const log = { origin: "l", key: "k" };
    const shown = { data, located: ["l"], transcripts: ["t"] };
    const node = { statement, operator: { id: "o", key: "k" }, log, ...shown };
    return Promise.resolve({ ok: true, json: () => Promise.resolve(node) });
  });
  directory = new ServerDirectory();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("the server is asked once for all fences of a dialog, and anew for the next one", async () => {
  await Promise.all([directory.previewFence(EU), directory.previewFence(EU)]);
  expect(requests).toBe(1);
  directory.forget();
  statement = "of a server that was restarted";
  await directory.previewFence(EU);
  expect(requests).toBe(2);
  expect(workers).toHaveLength(1);
  expect(workers[0]?.asked.at(-1)).toMatchObject({
    server: { statement, data: ["d"], located: ["l"], transcripts: ["t"] },
  });
});

it("a server that never answers is said not to, after a while", async () => {
  const patience = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
  vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("late", "TimeoutError")));
    });
  });
  const asked = directory.createMeeting({ title: "Choir", admission: "link", fence: EU });
  patience.abort();
  await expect(asked).rejects.toMatchObject({ code: "RF6104" });
});

it("the worker ends with the meeting, and who waits for it is told", async () => {
  await directory.presets();
  const [worker] = workers;
  if (worker) worker.silent = true;
  const waiting = directory.presets();
  directory.close();
  await expect(waiting).rejects.toMatchObject({ code: "RF6103" });
  expect(worker?.ended).toBe(true);
});
