// Responsible for: the types of every event that the meeting sends to the page.
// Not responsible for: what the page makes of them (reducer.ts) or who sends them (net/).
import type { CandidatePlace } from "./candidates";
import type { NodePlace, Whereabouts } from "./node";
import type { ProposedEvent } from "./proposed";

export type Phase =
  | "connecting"
  | "ready"
  | "waiting"
  | "joining"
  | "in"
  | "left"
  | "removed"
  | "denied"
  | "stopped"
  | "lost";

export type Role = "host" | "guest";
export type Admission = "link" | "lobby";
/** How people come in at present: a removal turns a link meeting into a lobby. */
export type Mode = "link" | "lobby";
/** 0 microphone, 1 camera, 2 screen's sound, 3 screen's picture; the first three bits of an SFrame KID. */
export type StreamContext = 0 | 1 | 2 | 3;

export interface Member {
  leaf: number;
  /** The member key, base64url. */
  member: string;
  name: string | null;
  role: Role;
  you: boolean;
  present: boolean;
  muted: boolean;
  camera: boolean;
}

export interface Knock {
  id: string;
  name: string;
}

export type DeviceKind = "microphone" | "camera" | "speaker";

export interface Device {
  id: string;
  label: string;
}

export interface Track {
  leaf: number;
  context: StreamContext;
  mid: string;
}

export interface MeetingEvent {
  t: "meeting";
  meeting: string;
  title: string;
  admission: Admission;
  mode: Mode;
  role: Role;
  /** This device can change the charter. */
  owner: boolean;
  /** Of the charter. */
  version: number;
  /** Unix seconds; null when the meeting has no end. */
  until: number | null;
}

export interface PlaceEvent {
  t: "place";
  nodes: NodePlace[];
  /** The fence in plain sentences. */
  sentences: string[];
  fence_name: string;
  may_probe: boolean;
  may_send: boolean;
  /** The log that the route is in, where there is one, and how many entries it had at last. */
  log?: { origin: string; size: number } | null;
  /** The other servers that could have been chosen. */
  candidates?: CandidatePlace[];
}

export interface ChatEvent {
  t: "chat";
  id: string;
  from_member: string;
  name: string | null;
  you: boolean;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Of before we came back: whose word it is. */
  told_by?: string;
  /** The id of the line that it belongs before; else it is the last. */
  before?: string;
}

export interface ProblemEvent {
  t: "problem";
  /** RFnnnn: title, why and what to do come from the catalogue of errors. */
  code: string;
  detail: string;
  fatal: boolean;
}

export interface NoticeEvent {
  t: "notice";
  kind:
    | "joined"
    | "left"
    | "removed"
    | "mode"
    | "removal-confirmed"
    /** Of devices, `name` is the one that is used or there now, and `by` the one that it was before. */
    | "device-lost"
    | "device-busy"
    | "device-used"
    | "device-found";
  name?: string | null;
  by?: string | null;
  device?: DeviceKind;
}

/** One thing that is different in a charter; `name`: of whom, where it is about somebody. */
export interface Rule {
  kind: "fence" | "link" | "unless" | "lobby" | "title" | "host" | "guest" | "hosts" | "others";
  name: string | null;
  you: boolean;
  /** Of the fence: what differs, one sentence each, with places in codes. */
  details?: string[];
}

/** The owner has changed the charter. Without `rules`: this device had seen an older one. */
export interface CharterEvent {
  t: "charter";
  version: number;
  /** Whose page brought it, where we were there. */
  by: string | null;
  you: boolean;
  rules: Rule[];
}

export interface DevicesEvent {
  t: "devices";
  microphones: Device[];
  cameras: Device[];
  /** None where the browser chooses by itself. */
  speakers: Device[];
  microphone: string | null;
  camera: string | null;
  /** Null: the browser's own choice. */
  speaker: string | null;
}

export interface MediaEvent {
  t: "media";
  camera: boolean;
  muted: boolean;
  /** Why a microphone or camera cannot be used: codes. */
  problems: string[];
}

/** Of one's own screen. */
export interface ScreenEvent {
  t: "screen";
  sharing: boolean;
  sound: boolean;
}

export type ConnectionState = "new" | "connecting" | "connected" | "failed";

export type PageEvent =
  | { t: "phase"; phase: Phase; code?: string }
  | MeetingEvent
  | PlaceEvent
  | { t: "roster"; epoch: number; mode: Mode; members: Member[] }
  | { t: "knocks"; knocks: Knock[] }
  | ChatEvent
  | { t: "code"; code: string; epoch: number }
  | ProblemEvent
  /** `since`: milliseconds since 1970 when the last current word was heard; null when it is over. */
  | { t: "cutoff"; since: number | null }
  | NoticeEvent
  | CharterEvent
  | ProposedEvent
  | DevicesEvent
  | MediaEvent
  | ScreenEvent
  /** Whether picture and sound may leave this device now. */
  | { t: "sending"; open: boolean }
  | { t: "whereabouts"; whereabouts: Whereabouts | null }
  | { t: "tracks"; tracks: Track[] }
  | { t: "speaking"; leaves: number[] }
  | { t: "connection"; state: ConnectionState };
