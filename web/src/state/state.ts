// Responsible for: the shape of everything that a meeting's page shows.
// Not responsible for: how events change it (reducer.ts).
import type {
  ConnectionState,
  DevicesEvent,
  Knock,
  MediaEvent,
  Member,
  MeetingEvent,
  Mode,
  NoticeEvent,
  Phase,
  PlaceEvent,
  ScreenEvent,
  Track,
} from "./events";

export type Panel = "chat" | "people" | "where";

export interface ChatLine {
  id: string;
  from: string;
  name: string | null;
  you: boolean;
  text: string;
  at: number;
}

export interface Problem {
  code: string;
  detail: string;
  fatal: boolean;
}

export interface Notice {
  id: number;
  /** Besides what the meeting says: this device is back in it, or has picture and sound back. */
  kind: NoticeEvent["kind"] | "back" | "media-back";
  name: string | null;
  by: string | null;
  at: number;
  /** How long it was away, in milliseconds. */
  took?: number;
}

export interface State {
  phase: Phase;
  /** Why the phase was reached, where there is a reason with a code. */
  code: string | null;
  /** When the phase began; "waiting for so long" is counted from it. */
  since: number;
  joinedAt: number | null;
  /** When the server was lost in a call; null again when the person is back in. */
  lostAt: number | null;
  meeting: Omit<MeetingEvent, "t"> | null;
  place: Omit<PlaceEvent, "t"> | null;
  epoch: number | null;
  members: Member[];
  knocks: Knock[];
  chat: ChatLine[];
  /** Chat lines of others that came while the chat was closed. */
  unread: number;
  verification: { code: string; epoch: number; shownAt: number } | null;
  problems: Problem[];
  cutoff: number | null;
  notices: Notice[];
  devices: Omit<DevicesEvent, "t">;
  media: Omit<MediaEvent, "t">;
  /** One's own screen. */
  screen: Omit<ScreenEvent, "t">;
  tracks: Track[];
  /** Whose screens are shown to others, in the order in which they began. */
  sharers: number[];
  speaking: number[];
  /** When each member was last heard; who spoke lately comes forward. */
  spoke: Record<number, number>;
  connection: ConnectionState;
  /** Since when picture and sound are on their way; null while they are there, or not wanted. */
  brokenAt: number | null;
  /** They were there before, in this stay in the call. */
  connectedBefore: boolean;
  panel: Panel | null;
}

export function start(at: number): State {
  return {
    phase: "connecting",
    code: null,
    since: at,
    joinedAt: null,
    lostAt: null,
    meeting: null,
    place: null,
    epoch: null,
    members: [],
    knocks: [],
    chat: [],
    unread: 0,
    verification: null,
    problems: [],
    cutoff: null,
    notices: [],
    devices: {
      ...{ microphones: [], cameras: [], speakers: [] },
      ...{ microphone: null, camera: null, speaker: null },
    },
    media: { camera: false, muted: true, problems: [] },
    screen: { sharing: false, sound: false },
    tracks: [],
    sharers: [],
    speaking: [],
    spoke: {},
    connection: "new",
    brokenAt: null,
    connectedBefore: false,
    panel: null,
  };
}

export function modeOf(state: State): Mode {
  return state.meeting?.mode ?? "link";
}
