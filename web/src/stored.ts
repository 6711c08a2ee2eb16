// Responsible for: small things that this device remembers, or does not where storage is forbidden.
// Not responsible for: keys (e2ee/keystore.ts), which no meeting can do without.

type Area = "localStorage" | "sessionStorage";

export function recall(area: Area, key: string): string | null {
  // Forbidden storage throws as soon as it is looked at.
  try {
    return globalThis[area].getItem(key);
  } catch {
    return null;
  }
}

/** Null forgets it. */
export function keep(area: Area, key: string, value: string | null): void {
  try {
    if (value === null) globalThis[area].removeItem(key);
    else globalThis[area].setItem(key, value);
  } catch {
    // It holds for as long as the page does.
  }
}
