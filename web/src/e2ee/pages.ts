// Responsible for: several pages of one device in one meeting: the first is its member, the others are somebody else.
// Not responsible for: what either does (session.ts).
import { newSigningKey, type Remembered } from "./keystore";

/** True for the first page of this device in this meeting, until it closes. */
export function alone(meeting: string): Promise<boolean> {
  // A reload starts before the old page's lock is gone: wait for it a little.
  const signal = AbortSignal.timeout(500);
  return new Promise((resolve) => {
    navigator.locks
      .request(`ringfence ${meeting}`, { signal }, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}

/** A second page takes part as somebody else: with the same member key it would replace the first. */
export async function stranger(keys: Remembered): Promise<Remembered> {
  return { ...keys, member: await newSigningKey(), owner: null, host: null, hostHpke: null };
}
