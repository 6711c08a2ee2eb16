// Responsible for: that a page without storage goes on, and one with it remembers.
// Not responsible for: what is remembered.
import { afterEach, expect, test, vi } from "vitest";
import { forget, remember } from "./net/again";
import { keep, recall } from "./stored";

afterEach(() => vi.unstubAllGlobals());

test("what is kept is recalled until it is forgotten", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  keep("localStorage", "ringfence.x", "on");
  expect(recall("localStorage", "ringfence.x")).toBe("on");
  keep("localStorage", "ringfence.x", null);
  expect(recall("localStorage", "ringfence.x")).toBeNull();
});

test("storage that is forbidden remembers nothing, and nothing fails for it", () => {
  for (const area of ["localStorage", "sessionStorage"] as const) {
    vi.stubGlobal(area, undefined);
    keep(area, "ringfence.x", "on");
    expect(recall(area, "ringfence.x")).toBeNull();
  }
  remember({ meeting: "m", name: "Ada", muted: false, camera: true });
  forget();
});
