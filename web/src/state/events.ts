// Responsible for: the types of every event that the meeting sends to the page.
// Not responsible for: what the page makes of them (reducer.ts) or who sends them (net/).

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
export type Standing = "violation" | "unknown" | "stated" | "consistent" | "proven";
/** 0 microphone, 1 camera, 2 screen's sound, 3 screen's picture; the first three bits of an SFrame KID. */
export type StreamContext = 0 | 1 | 2 | 3;

export interface Reason {
  code: string;
  rule: string;
  source: string;
  text: string;
}

export interface Decision {
  /** A role of a node: "media", "signalling", "storage"… */
  role: string;
  allowed: boolean;
  /** True when this browser decided it itself; false when it is the operator's word. */
  checked: boolean;
  reasons: Reason[];
}

export interface OperatorParent {
  name: string;
  law: string[];
}

/** What a data set says of one address; null: nothing. */
export interface SourceWord {
  kind: "registry" | "geoip";
  name: string;
  /** YYYY-MM-DD */
  date: string;
  address: string;
  country: string | null;
}

/** The shortest round trip from one place: within `km` of there is where the server can be. */
export interface Trip {
  /** "you", or the key of a beacon. */
  observer: string;
  /** What the beacon calls itself. */
  name?: string | null;
  /** Whether the owner named it: a stranger's word can contradict, and proves nothing. */
  beacon?: "pinned" | "stranger" | null;
  /** To which of the server's addresses. */
  address?: string | null;
  /** Older than an hour: it counts no more. */
  stale?: boolean;
  lat: number;
  lon: number;
  /** How sure the observer's own place is. */
  radius_km: number;
  min_ms: number;
  km: number;
  samples: number;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Spot {
  lat: number;
  lon: number;
  /** It is somewhere within. */
  radius_km: number;
}

/** Where this person says that they are. It stays on this device. */
export interface Whereabouts extends Spot {
  /** They were asked whether it is true, and said yes. */
  confirmed: boolean;
  /** Of the list of towns. */
  town: string | null;
}

export interface NodePlace {
  node: string;
  name: string;
  roles: string[];
  operator: string;
  parents: OperatorParent[];
  /** ISO 3166-1 alpha-2; null when the operator does not say. */
  country: string | null;
  place: string | null;
  addresses: string[];
  standing: Standing;
  allowed: boolean;
  decisions: Decision[];
  /** Where the operator states that it stands, in degrees. */
  coordinates?: { lat: number; lon: number } | null;
  sources?: SourceWord[];
  trips?: Trip[];
  /** Of the places that the fence excludes: those that round trips rule out, and those that they do not. */
  excluded?: string[];
  not_excluded?: string[];
}

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

/** What a change of the rules would come to, before it is signed. */
export interface Proposal {
  /** Of the charter from which `rules` says what differs. */
  version: number;
  rules: Rule[];
  /** The server that carries the meeting. */
  node: string;
  /** Why it could not even be contacted: then nothing can be changed. */
  barred: Reason | null;
  /** Why this device would send no picture and sound at first. */
  waits: Reason[];
  /** Each page would have to rule places out by round trips of its own. */
  measured: boolean;
}

/** `id`: of the question. `trouble`: why it cannot be done at all. */
export interface ProposedEvent {
  t: "proposed";
  id: number;
  proposal: Proposal | null;
  trouble: { code: string; detail: string } | null;
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
