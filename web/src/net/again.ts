// Responsible for: knowing after a reload that this very page was in the call, and how.
// Not responsible for: keys and the way back (worker).

import { keep, recall } from "../stored";

export interface Again {
  meeting: string;
  name: string;
  muted: boolean;
  camera: boolean;
}

const KEY = "ringfence.again";

export function remember(again: Again): void {
  keep("sessionStorage", KEY, JSON.stringify(again));
}

export function forget(): void {
  keep("sessionStorage", KEY, null);
}

/** Only for a page that was loaded again: who follows a link anew is asked first. */
export function wasIn(meeting: string): Again | null {
  const [navigation] = performance.getEntriesByType("navigation");
  if ((navigation as PerformanceNavigationTiming | undefined)?.type !== "reload") return null;
  try {
    const again = JSON.parse(recall("sessionStorage", KEY) ?? "null") as Again | null;
    return again?.meeting === meeting ? again : null;
  } catch {
    return null;
  }
}
