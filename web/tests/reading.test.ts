// Responsible for: that a change of the rules is told until it was read, also when the page is loaded again.
// Not responsible for: how it is told (rules.test.ts).
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MeetingClient } from "../src/state/client";
import type { PageEvent } from "../src/state/events";
import { openStore } from "../src/state/store";

let kept: Map<string, string>;
beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

/** A page of this device, just loaded. */
function load() {
  let tell: (event: PageEvent) => void = () => undefined;
  const subscribe = (listener: (event: PageEvent) => void) => {
    tell = listener;
    return () => undefined;
  };
  const store = openStore({ subscribe } as unknown as MeetingClient);
  const unread = () =>
    store.current().changes.flatMap(({ version, read }) => (read ? [] : [version]));
  return { tell, store, unread };
}

const meeting = (version: number, name = "m"): PageEvent => {
  const rest = { title: "T", admission: "link", mode: "link", role: "guest" } as const;
  return { t: "meeting", meeting: name, ...rest, owner: false, version, until: null };
};
const charter = (version: number): PageEvent => {
  const rules = [{ kind: "lobby" as const, name: null, you: false }];
  return { t: "charter", version, by: "Ada", you: false, rules };
};

test("rules that a device sees first are no change", () => {
  const page = load();
  page.tell(meeting(7));
  expect(page.unread()).toEqual([]);
  const again = load();
  again.tell(meeting(7));
  expect(again.unread()).toEqual([]);
});

test("a change that was not read is told again by the next page, until it was", () => {
  const page = load();
  page.tell(meeting(1));
  page.tell(meeting(2));
  page.tell(charter(2));
  expect(page.store.current().changes).toHaveLength(1);
  const next = load();
  next.tell(meeting(2));
  expect(next.unread()).toEqual([2]);
  next.store.dispatch({ t: "read-changes", upTo: 2 });
  const last = load();
  last.tell(meeting(2));
  expect(last.unread()).toEqual([]);
});

test("a change that came after what was read is told again, and another meeting's is not read by it", () => {
  for (const name of ["m", "n"]) load().tell(meeting(1, name));
  const page = load();
  page.tell(meeting(1));
  page.tell(charter(2));
  page.tell(charter(3));
  page.store.dispatch({ t: "read-changes", upTo: 2 });
  const next = load();
  next.tell(meeting(3));
  expect(next.unread()).toEqual([3]);
  const other = load();
  other.tell(meeting(2, "n"));
  expect(other.unread()).toEqual([2]);
});

test("where storage is forbidden nothing is told that was not heard", () => {
  vi.stubGlobal("localStorage", undefined);
  const page = load();
  page.tell(meeting(4));
  page.tell(charter(5));
  page.store.dispatch({ t: "read-changes", upTo: 5 });
  expect(page.unread()).toEqual([]);
});
