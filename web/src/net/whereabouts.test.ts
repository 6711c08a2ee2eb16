// Responsible for: what is remembered of where somebody said that they are, and what the participant is told.
// Not responsible for: the form (views/where), or what follows from it.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepWhereabouts, locate, recallWhereabouts, whereaboutsInput } from "./whereabouts";

const turku = { lat: 60.5, lon: 22.3, radius_km: 30, town: "Turku, Finland", confirmed: true };
let stored: Map<string, string>;
beforeEach(() => {
  stored = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("is remembered, but not that it was confirmed: next time they may be elsewhere", () => {
  keepWhereabouts(turku);
  expect(recallWhereabouts()).toEqual({ ...turku, confirmed: false });
});

it("leaves nothing behind when it is forgotten", () => {
  keepWhereabouts(turku);
  keepWhereabouts(null);
  expect(recallWhereabouts()).toBeNull();
  expect(stored.size).toBe(0);
});

it.each([
  "nonsense",
  "7",
  "{}",
  JSON.stringify({ ...turku, lat: 91 }),
  JSON.stringify({ ...turku, lon: "22.3; 1" }),
  JSON.stringify({ ...turku, radius_km: 0 }),
])("is nothing where %s is stored", (text) => {
  keepWhereabouts(turku);
  for (const key of stored.keys()) stored.set(key, text);
  expect(recallWhereabouts()).toBeNull();
});

it("is told to the participant without its name; nothing but null when it is forgotten", () => {
  const { town, ...told } = turku;
  expect(whereaboutsInput(turku)).toEqual({ t: "whereabouts", ...told });
  expect(whereaboutsInput(null)).toEqual({
    ...{ t: "whereabouts", lat: null, lon: null, radius_km: null },
    confirmed: false,
  });
});

it("that the browser says is rounded, and no surer than the browser is", async () => {
  const coords = { latitude: 60.45181, longitude: 22.26663, accuracy: 1234 };
  const getCurrentPosition = (done: (position: unknown) => void) => done({ coords });
  vi.stubGlobal("navigator", { geolocation: { getCurrentPosition } });
  expect(await locate()).toEqual({ lat: 60.45, lon: 22.27, radius_km: 3 });
});

it("that the browser does not say has its code and the browser's reason", async () => {
  const getCurrentPosition = (_: unknown, failed: (error: unknown) => void) =>
    failed({ message: "User denied Geolocation" });
  vi.stubGlobal("navigator", { geolocation: { getCurrentPosition } });
  const refused = { code: "RF6212", detail: "User denied Geolocation" };
  await expect(locate()).rejects.toMatchObject(refused);
});
