// Responsible for: that a receipt can be had while a meeting lasts and after it, and that the worker ends all the same.
// Not responsible for: what is in it.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ToWorker } from "../e2ee/messages";
import { Receipts } from "./receipts";

let asked: { id: number; place: boolean }[];
const worker = {
  postMessage: (message: ToWorker) => {
    if (message.t === "ask" && message.question.name === "receipt")
      asked.push({ id: message.id, place: message.question.place });
  },
  terminate: vi.fn(),
};
let receipts: Receipts;
beforeEach(() => {
  vi.useFakeTimers();
  worker.terminate.mockClear();
  [asked, receipts] = [[], new Receipts()];
});
afterEach(() => vi.useRealTimers());

const file = (place: boolean) => ({ name: `${place}.cbor`, bytes: new Uint8Array(1) });
const answer = () => {
  for (const { id, place } of asked.splice(0))
    receipts.hear({ t: "answered", id, answer: file(place) });
};

it("is asked for with or without one's own place, as its person wants it", async () => {
  const both = [receipts.of(worker, false), receipts.of(worker, true)];
  answer();
  expect((await Promise.all(both)).map(({ name }) => name)).toEqual(["false.cbor", "true.cbor"]);
  expect(worker.terminate).not.toHaveBeenCalled();
});

it("says why it could not be made", async () => {
  const refused = receipts.of(worker, false);
  receipts.hear({ t: "refused", id: asked[0]?.id ?? -1, code: "RF6117", detail: "no" });
  await expect(refused).rejects.toMatchObject({ code: "RF6117", detail: "no" });
});

it("can be had after the end, both ways, and the worker ends as soon as they are made", async () => {
  receipts.close(worker);
  const working = receipts.of(null, true);
  expect(worker.terminate).not.toHaveBeenCalled();
  answer();
  expect((await working).name).toBe("true.cbor");
  expect((await receipts.of(null, false)).name).toBe("false.cbor");
  await vi.advanceTimersByTimeAsync(0);
  expect(worker.terminate).toHaveBeenCalledOnce();
});

it("cannot be had from a worker that does not answer, which ends after a while", async () => {
  receipts.close(worker);
  const never = receipts.of(null, false);
  const refused = expect(never).rejects.toMatchObject({ code: "RF6117" });
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
  expect(worker.terminate).toHaveBeenCalledOnce();
});

it("cannot be had where there never was a worker", async () => {
  await expect(receipts.of(null, false)).rejects.toMatchObject({ code: "RF6117" });
});
