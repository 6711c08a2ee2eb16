// Responsible for: when the network is taken to be back or gone.
// Not responsible for: what the meeting does then.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Network } from "./network";

let heard: string[];
let network: Network;
const target = new EventTarget();
let connection: EventTarget & { type?: string };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  heard = [];
  connection = new EventTarget();
  connection.type = "wifi";
  vi.stubGlobal("navigator", { connection });
  network = new Network({
    back: () => heard.push("back"),
    gone: () => heard.push("gone"),
    moved: () => heard.push("moved"),
  });
  network.watch();
});

afterEach(() => {
  network.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("says what the browser says", () => {
  target.dispatchEvent(new Event("offline"));
  target.dispatchEvent(new Event("online"));
  expect(heard).toEqual(["gone", "back"]);
});

it("takes another kind of network for a move, and a new guess at its speed for none", () => {
  const change = (type?: string) => {
    if (type === undefined) delete connection.type;
    else connection.type = type;
    connection.dispatchEvent(new Event("change"));
  };
  change("wifi");
  expect(heard).toEqual([]);
  change("cellular");
  expect(heard).toEqual(["moved"]);
  change("cellular");
  change(); // a browser that does not tell the kind
  change();
  expect(heard).toEqual(["moved"]);
  network.close();
  change("wifi");
  expect(heard).toEqual(["moved"]);
});

it("does without in a browser that tells nothing of the network", () => {
  network.close();
  vi.stubGlobal("navigator", {});
  network.watch();
  expect(heard).toEqual([]);
});

it("takes a clock that jumped for a device that slept, whichever timer wakes first", () => {
  for (const first of [() => undefined, () => network.awake()]) {
    heard.length = 0;
    vi.advanceTimersByTime(30_000);
    expect(heard).toEqual([]);
    vi.setSystemTime(Date.now() + 60_000);
    first();
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual(["back"]);
    network.awake();
    vi.advanceTimersByTime(5000);
    expect(heard).toEqual(["back"]);
  }
});

it("takes a page whose own timers sleep, as those of hidden ones do, for no device that slept", () => {
  for (let minute = 0; minute < 5; minute++) {
    for (let second = 0; second < 60; second++) {
      vi.setSystemTime(Date.now() + 1000); // and no timer of the page is woken
      network.awake();
    }
    vi.advanceTimersByTime(1000); // all of them are
  }
  expect(heard).toEqual([]);
});

it("says nothing once it is closed", () => {
  network.close();
  target.dispatchEvent(new Event("offline"));
  target.dispatchEvent(new Event("online"));
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(1000);
  expect(heard).toEqual([]);
});
