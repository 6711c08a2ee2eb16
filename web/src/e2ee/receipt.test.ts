// Responsible for: that each receipt goes to who asked for it, and that who gets none is told.
// Not responsible for: the participant that makes them (core/e2ee).
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ReceiptDesk } from "./receipt";

let desk: ReceiptDesk;
beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-29T20:00:00Z") });
  desk = new ReceiptDesk();
});
afterEach(() => vi.useRealTimers());

it("two that are asked for at once are made one after the other", async () => {
  const asked: string[] = [];
  const ask = (which: string) => () => asked.push(which) > 0;
  const [one, two] = [desk.make(ask("one")), desk.make(ask("two"))];
  await vi.waitFor(() => expect(asked).toEqual(["one"]));
  desk.take("AQ");
  expect(await one).toEqual({
    name: "ringfence-receipt-2026-11-29.cbor",
    bytes: Uint8Array.of(1),
  });
  await vi.waitFor(() => expect(asked).toEqual(["one", "two"]));
  desk.take("Ag");
  expect((await two).bytes).toEqual(Uint8Array.of(2));
});

it("where there is nothing to sign it is refused, and the next is made", async () => {
  await expect(desk.make(() => false)).rejects.toMatchObject({ code: "RF6117" });
  const next = desk.make(() => {
    queueMicrotask(() => desk.take("AQ"));
    return true;
  });
  expect((await next).bytes).toEqual(Uint8Array.of(1));
});

it("a key that does not sign keeps nobody waiting", async () => {
  const never = desk.make(() => true);
  const refused = expect(never).rejects.toMatchObject({ code: "RF6117" });
  await vi.advanceTimersByTimeAsync(4_000);
  await refused;
});
