// Responsible for: when a page comes back into a call by itself.
// Not responsible for: how.
import { beforeEach, expect, it, vi } from "vitest";
import { forget, remember, wasIn } from "./again";

const again = { meeting: "abc", name: "Ada", muted: true, camera: false };
let kept: Map<string, string>;

function loaded(type: string): void {
  vi.stubGlobal("performance", { getEntriesByType: () => [{ type }] });
}

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  loaded("reload");
});

it("is the page that was in this call, loaded again", () => {
  remember(again);
  expect(wasIn("abc")).toEqual(again);
  expect(wasIn("another")).toBeNull();
});

it("is not a page that follows a link", () => {
  remember(again);
  loaded("navigate");
  expect(wasIn("abc")).toBeNull();
});

it("is not a page whose call is over", () => {
  remember(again);
  forget();
  expect(wasIn("abc")).toBeNull();
});

it("is not a page whose memory is damaged", () => {
  kept.set("ringfence.again", "{");
  expect(wasIn("abc")).toBeNull();
});
