// Responsible for: which devices there are, which came and went, and what this device remembers.
// Not responsible for: opening any (capture.ts) or what follows from a change (devices.ts).
import type { Device, DeviceKind } from "../state/events";
import { keep, recall } from "../stored";

export type Inventory = Record<DeviceKind, Device[]>;
export type Wishes = Record<DeviceKind, string | null>;

export const NOTHING: Inventory = { microphone: [], camera: [], speaker: [] };
const KINDS: Record<string, DeviceKind> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};
/** Names that stand for another entry of the list. */
const STANDINS = ["default", "communications"];
const KEY = "ringfence.devices";

/** Absent on a page that is not in a secure context. */
export function browserMedia(): MediaDevices | null {
  return "mediaDevices" in navigator ? navigator.mediaDevices : null;
}

/** Devices without an id are not this page's to choose: the browser hides them until it may be used. */
export async function inventory(): Promise<Inventory> {
  const found: Inventory = { microphone: [], camera: [], speaker: [] };
  const all = (await browserMedia()?.enumerateDevices()) ?? [];
  for (const { kind, deviceId, label } of all) {
    const ours = KINDS[kind];
    if (ours !== undefined && deviceId !== "") found[ours].push({ id: deviceId, label });
  }
  if (!("setSinkId" in HTMLMediaElement.prototype)) found.speaker = []; // not ours to choose
  return found;
}

export function find(list: Device[], id: string | null): Device | null {
  return list.find((device) => device.id === id) ?? null;
}

/** What is in `now` and was not in `before`, each device once. */
export function came(before: Device[], now: Device[]): Device[] {
  return now.filter(({ id }) => !STANDINS.includes(id) && find(before, id) === null);
}

/** In which order to try devices when `lost` cannot be used: the wished one, the browser's, the rest. */
export function order(list: Device[], wished: string | null, lost: string | null) {
  const there = (id: string | null) => id !== lost && find(list, id) !== null;
  const first = there(wished) ? [wished] : [];
  const rest = list.map(({ id }) => id).filter((id) => id !== wished && there(id));
  // The browser's own choice may be the lost one when it does not know yet that it is gone.
  const own = lost === null ? [null] : rest.length === 0 ? [null] : [];
  return [...first, ...own, ...rest];
}

export function remembered(): Wishes {
  const wishes: Wishes = { microphone: null, camera: null, speaker: null };
  try {
    const read = JSON.parse(recall("localStorage", KEY) ?? "{}") as Record<string, unknown>;
    for (const kind of ["microphone", "camera", "speaker"] as const) {
      const id = read[kind];
      if (typeof id === "string") wishes[kind] = id;
    }
  } catch {
    // What is spoilt is not remembered, and nothing else depends on it.
  }
  return wishes;
}

export function remember(wishes: Wishes): void {
  keep("localStorage", KEY, JSON.stringify(wishes));
}
