// Responsible for: how each event changes what the page shows; pure, the time is an argument.
// Not responsible for: asking the meeting for anything (views do, through MeetingClient).
import type {
  CharterEvent,
  ChatEvent,
  ConnectionState,
  NoticeEvent,
  PageEvent,
  Phase,
  ProblemEvent,
  Track,
} from "./events";
import { answered, OVER } from "./interruption";
import { heldAt } from "./place";
import { closed, follow, sending } from "./route";
import type { Change, Notice, Panel, Problem, State } from "./state";

/** What the person does to the page itself. */
export type PageAction =
  | { t: "show"; panel: Panel | null }
  | { t: "dismiss-notice"; id: number }
  | { t: "dismiss-problem"; code: string }
  /** `upTo`: the highest version that was shown. */
  | { t: "read-changes"; upTo: number };

const NOTICES_KEPT = 3;
const ENDED: readonly Phase[] = ["left", "removed", "denied", "stopped"];

export function reduce(state: State, event: PageEvent | PageAction, at: number): State {
  switch (event.t) {
    case "phase":
      return enter(state, event.phase, event.code ?? null, at);
    case "meeting": {
      const { t, ...meeting } = event;
      return { ...state, meeting };
    }
    case "place": {
      const { t, ...place } = event;
      return move(state, place, at);
    }
    case "roster":
      return {
        ...state,
        epoch: event.epoch,
        members: event.members,
        meeting: state.meeting && { ...state.meeting, mode: event.mode },
      };
    case "knocks":
      return { ...state, knocks: event.knocks };
    case "chat":
      return hear(state, event);
    case "code":
      return {
        ...state,
        verification: { code: event.code, epoch: event.epoch, shownAt: at },
      };
    case "problem":
      return trouble(state, event);
    case "cutoff":
      return { ...state, cutoff: event.since };
    case "notice":
      return note(state, event, at);
    case "charter":
      return amend(state, event, at);
    case "proposed":
      return { ...state, proposed: event };
    case "devices": {
      const { t, ...devices } = event;
      return { ...state, devices };
    }
    case "media": {
      const { t, ...media } = event;
      return { ...state, media };
    }
    case "screen": {
      const { t, ...screen } = event;
      return { ...state, screen };
    }
    case "sending":
      return sending(state, event.open, at);
    case "whereabouts":
      return { ...state, whereabouts: event.whereabouts };
    case "tracks":
      return { ...state, tracks: event.tracks, sharers: sharers(state.sharers, event.tracks) };
    case "speaking":
      return speak(state, event.leaves, at);
    case "connection":
      return connect(state, event.state, at);
    case "show":
      return show(state, event.panel);
    case "dismiss-notice":
      return { ...state, notices: state.notices.filter(({ id }) => id !== event.id) };
    case "read-changes":
      return { ...state, changes: state.changes.map((change) => readUpTo(change, event.upTo)) };
    case "dismiss-problem":
      return { ...state, problems: without(state, [event.code]) };
  }
}

/** Who was removed, denied, stopped by the fence, or left stays so: no later event undoes it. */
function enter(state: State, phase: Phase, code: string | null, at: number): State {
  if (phase === state.phase || ENDED.includes(state.phase)) return state;
  const joinedAt = phase === "in" ? (state.joinedAt ?? at) : state.joinedAt;
  const back = phase === "in" || ENDED.includes(phase);
  const lostAt = back ? null : phase === "lost" ? (state.lostAt ?? at) : state.lostAt;
  const over = ENDED.includes(phase);
  const kept = over
    ? {
        sent: closed(state.sent, at),
        members: [],
        tracks: [],
        sharers: [],
        knocks: [],
        speaking: [],
        panel: null,
      }
    : {};
  // Media begins anew with each stay in the call.
  const media = phase === "in" ? {} : { brokenAt: null, connectedBefore: false };
  const gone = [
    ...(answered(phase) ? OVER.server : []),
    ...(answered(phase) && phase !== "in" ? OVER.media : []),
  ];
  const problems = without(state, gone);
  const next = { ...state, ...kept, ...media, phase, code, since: at, joinedAt, lostAt, problems };
  if (phase !== "in" || state.lostAt === null || state.joinedAt === null) return next;
  return say(next, { kind: "back", name: null, by: null, at, took: at - state.lostAt });
}

function move(state: State, place: NonNullable<State["place"]>, at: number): State {
  const next = { ...state, ...follow(state, place, at) };
  if (next.moves === state.moves) return next;
  const [name, by] = [heldAt(place.nodes), heldAt(state.place?.nodes ?? [])];
  return say(next, { kind: "moved", name, by, at });
}

/** A short break is not worth a word when it is over. */
const WORTH_SAYING_MS = 2000;

function connect(state: State, connection: ConnectionState, at: number): State {
  if (connection !== "connected") {
    const brokenAt = connection === "new" ? state.brokenAt : (state.brokenAt ?? at);
    return { ...state, connection, brokenAt };
  }
  const problems = without(state, OVER.media);
  const next = { ...state, connection, problems, brokenAt: null, connectedBefore: true };
  const took = state.brokenAt === null ? 0 : at - state.brokenAt;
  if (!state.connectedBefore || took < WORTH_SAYING_MS) return next;
  return say(next, { kind: "media-back", name: null, by: null, at, took });
}

function hear(
  state: State,
  { id, from_member: from, name, you, text, at, ...event }: ChatEvent,
): State {
  if (state.chat.some((line) => line.id === id && line.from === from)) return state;
  const toldBy = event.told_by ?? null;
  const place = state.chat.findIndex((line) => line.id === event.before);
  const chat = state.chat.toSpliced(place < 0 ? state.chat.length : place, 0, {
    id,
    from,
    name,
    you,
    text,
    at,
    toldBy,
  });
  // A page that was loaded again is told what its person has read; one that was away, what they have not.
  const old = toldBy !== null && !state.chat.some((line) => line.toldBy === null);
  const unread = you || old || state.panel === "chat" ? state.unread : state.unread + 1;
  return { ...state, unread, chat };
}

function trouble(state: State, { code, detail, fatal }: ProblemEvent): State {
  // Why the server did not answer is asked over HTTP; it may have answered meanwhile.
  if (OVER.server.includes(code) && answered(state.phase)) return state;
  return { ...state, problems: [...without(state, [code]), { code, detail, fatal }] };
}

function without({ problems }: State, codes: string[]): Problem[] {
  return problems.filter(({ code }) => !codes.includes(code));
}

/** Who comes back may be told of a version again: it stands once, in the words that say more. */
function amend(state: State, { t, ...change }: CharterEvent, at: number): State {
  const known = state.changes.findIndex(({ version }) => version === change.version);
  const before = state.changes[known];
  if (!before) return { ...state, changes: [...state.changes, { ...change, at, read: false }] };
  if (before.rules.length > 0 || change.rules.length === 0) return state;
  return { ...state, changes: state.changes.with(known, { ...before, ...change }) };
}

const readUpTo = (change: Change, upTo: number): Change =>
  change.version <= upTo ? { ...change, read: true } : change;

function note(state: State, event: NoticeEvent, at: number): State {
  const { t, name = null, by = null, ...rest } = event;
  return say(state, { ...rest, name, by, at });
}

function say(state: State, notice: Omit<Notice, "id">): State {
  const id = (state.notices.at(-1)?.id ?? 0) + 1;
  return { ...state, notices: [...state.notices, { id, ...notice }].slice(-NOTICES_KEPT) };
}

/** Who went on sharing keeps their place; who begins comes last. */
function sharers(before: number[], tracks: Track[]): number[] {
  const now = tracks.filter(({ context }) => context === 3).map(({ leaf }) => leaf);
  const kept = before.filter((leaf) => now.includes(leaf));
  return [...kept, ...now.filter((leaf) => !kept.includes(leaf))];
}

function speak(state: State, leaves: number[], at: number): State {
  const spoke = { ...state.spoke };
  for (const leaf of leaves) spoke[leaf] = at;
  return { ...state, speaking: leaves, spoke };
}

/** A code that is shown again is worked out again: the one shown before may be of an older epoch. */
function show(state: State, panel: Panel | null): State {
  return {
    ...state,
    panel,
    unread: panel === "chat" ? 0 : state.unread,
    verification: panel === "where" ? null : state.verification,
  };
}
