// Responsible for: which version of a meeting's rules was read on this device: a change is told until it was.
// Not responsible for: what is different in it (the core, and only while one is there), or showing it (views/parts).
import { keep, recall } from "../stored";
import type { CharterEvent, MeetingEvent } from "./events";
import type { State } from "./state";

const keyOf = (meeting: string): string => `ringfence.rules.${meeting}`;

/** For a page that was just loaded: that these rules were not read yet, if so. Whoever comes first has read them. */
export function unreadSince({ meeting, version }: MeetingEvent): CharterEvent | null {
  const read = Number(recall("localStorage", keyOf(meeting)) ?? NaN);
  if (Number.isNaN(read)) keep("localStorage", keyOf(meeting), String(version));
  return version > read ? { t: "charter", version, by: null, you: false, rules: [] } : null;
}

export function keepRead({ meeting, changes }: State): void {
  const versions = changes.filter((change) => change.read).map(({ version }) => version);
  if (meeting === null || versions.length === 0) return;
  const read = String(Math.max(...versions));
  if (recall("localStorage", keyOf(meeting.meeting)) !== read)
    keep("localStorage", keyOf(meeting.meeting), read);
}
