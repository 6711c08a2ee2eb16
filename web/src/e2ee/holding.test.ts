// Responsible for: that what comes is held while borders are fetched, handed on in order, and once only.
// Not responsible for: what is decided then (core/e2ee), or real servers (tests/browser).
import { expect, it } from "vitest";
import { Holding } from "./holding";

type Input = { t: string; message?: unknown };
const hello = (transcripts: string[]): Input => ({
  t: "server",
  message: { t: "hello", transcripts },
});
const tick: Input = { t: "tick" };

function held() {
  let loads = 0;
  let arrive = (): void => undefined;
  const holding = new Holding<Input>(() => {
    loads++;
    return new Promise((resolve) => (arrive = resolve));
  });
  const handed: Input[] = [];
  const give = (input: Input): void => {
    if (!holding.keeps(input, give)) handed.push(input);
  };
  return { give, handed, loads: () => loads, arrive: () => arrive() };
}

it("a greeting without transcripts waits for nothing", () => {
  const { give, handed, loads } = held();
  const inputs = [{ t: "online" }, hello([]), tick, { t: "server", message: null }];
  inputs.forEach(give);
  expect([handed, loads()]).toEqual([inputs, 0]);
});

it("one with transcripts waits for the borders, and what comes after it waits behind it", async () => {
  const { give, handed, loads, arrive } = held();
  const inputs = [tick, hello(["t"]), tick, hello(["t"]), { t: "offline" }];
  inputs.forEach(give);
  expect(handed).toEqual([tick]);
  arrive();
  await Promise.resolve();
  expect([handed, loads()]).toEqual([inputs, 1]);
  give(hello(["t"]));
  expect([handed.length, loads()]).toEqual([6, 1]);
});
