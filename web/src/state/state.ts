// Responsible for: the shape of everything that a meeting's page shows.
// Not responsible for: how events change it (reducer.ts).
import type {
  CharterEvent,
  ConnectionState,
  DeviceKind,
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
import type { Whereabouts } from "./node";
import type { ProposedEvent } from "./proposed";
import type { Move, Stretch } from "./route";

export type Panel = "chat" | "people" | "where";

export interface ChatLine {
  id: string;
  from: string;
  name: string | null;
  you: boolean;
  text: string;
  at: number;
  /** Whose word it is that this was said before we came back; else we heard it ourselves. */
  toldBy: string | null;
}

export interface Problem {
  code: string;
  detail: string;
  fatal: boolean;
}

export interface Notice {
  id: number;
  /** Besides what the meeting says: this device is back in it, has picture and sound back, or the meeting moved. */
  kind: NoticeEvent["kind"] | "back" | "media-back" | "moved";
  name: string | null;
  by: string | null;
  /** Of a microphone, camera or speaker: which it is. */
  device?: DeviceKind;
  at: number;
  /** How long it was away, in milliseconds. */
  took?: number;
}

export interface Change extends Omit<CharterEvent, "t"> {
  at: number;
  /** The person has read it. */
  read: boolean;
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
  /** The servers that the meeting moved to and from, the newest last. */
  moves: Move[];
  /** When picture and sound could go to which server, the newest last. */
  sent: Stretch[];
  whereabouts: Whereabouts | null;
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
  /** Changes of the charter that we were told of, the newest last. */
  changes: Change[];
  /** The last answer to what a change would come to. */
  proposed: ProposedEvent | null;
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
    moves: [],
    sent: [],
    whereabouts: null,
    epoch: null,
    members: [],
    knocks: [],
    chat: [],
    unread: 0,
    verification: null,
    problems: [],
    cutoff: null,
    notices: [],
    changes: [],
    proposed: null,
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

/** Whoever has the link could come in by the charter; since a removal they cannot. */
export function barred({ meeting }: State): boolean {
  return meeting?.admission === "link" && meeting.mode === "lobby";
}
