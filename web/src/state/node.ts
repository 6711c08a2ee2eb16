// Responsible for: the types of what is known of the meeting's server: who runs it, what sources and round trips say of
// its place, and what was decided. Not responsible for: the events that bring it (events.ts), or its words.

export type Standing = "violation" | "unknown" | "stated" | "consistent" | "proven";

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
