// Responsible for: what the page and its worker say to each other (types only).
// Not responsible for: what the server is told (docs/protocol) or the page's events (state/events).
import type {
  FenceChoice,
  FencePreview,
  KeyFile,
  MeetingChoice,
  Preset,
  ReceiptFile,
  RecentMeeting,
  RulesChange,
} from "../state/client";
import type { PageEvent } from "../state/events";
import type { Header } from "./keyfile";
import type { LineCounts } from "./transforms";

/** What the page may tell the participant; the rest of its inputs is the worker's own. */
export type PageInput =
  | { t: "server"; message: unknown }
  | { t: "join"; name: string }
  | { t: "admit"; knock: string }
  | { t: "deny"; knock: string }
  | { t: "remove"; member: string }
  | { t: "amend"; change: RulesChange }
  /** What that would come to: a `proposed` event answers. */
  | { t: "propose"; id: number; change: RulesChange }
  | { t: "leave" }
  | { t: "chat"; text: string }
  | { t: "state"; muted: boolean; camera: boolean }
  | { t: "offer"; sdp: string }
  | { t: "remote"; address: string; port: number }
  | { t: "code" }
  | { t: "offline" }
  | { t: "online" }
  /** Where this person says that they are; nothing but null: they do not say. */
  | {
      t: "whereabouts";
      lat: number | null;
      lon: number | null;
      radius_km: number | null;
      confirmed: boolean;
    }
  /** The least of so many round trips to where media goes. */
  | { t: "trip"; min_ms: number; samples: number }
  | { t: "view"; wants: { mid: string; height: number }[] };

/** Whose stream a receiving line carries now. */
export interface LineSlot {
  line: number;
  leaf: number;
  context: number;
}

/** The signed documents of the server, as GET /api/v1/node gives them. */
export interface ServerWord {
  statement: string;
  operator: { id: string; key: string };
  /** Where it writes routes down. */
  log: { origin: string; key: string };
  /** Digests of its data sets about addresses, and what these say about its own. */
  data: string[];
  located: string[];
  /** What beacons have measured of it. */
  transcripts: string[];
}

/** Questions outside any meeting, and one about it, each with its answer. */
export interface Questions {
  receipt: { ask: { place: boolean }; answer: ReceiptFile };
  presets: { ask: Record<string, never>; answer: Preset[] };
  preview: { ask: { choice: FenceChoice; server: ServerWord }; answer: FencePreview };
  draft: {
    ask: { choice: MeetingChoice; server: ServerWord };
    answer: { meeting: string; charter: string; draft: number };
  };
  /** The server took the charter: remember it. The link's fragment is handed over here, once. */
  keep: { ask: { draft: number }; answer: { fragment: string } };
  /** The keys of a meeting just made, sealed; until `drop`, after which no copy can be made. */
  copy: { ask: { draft: number; server: string; passphrase: string }; answer: KeyFile };
  drop: { ask: { draft: number }; answer: null };
  /** What a key file says of itself, without its passphrase. */
  header: { ask: { file: string }; answer: Header };
  import: {
    ask: { file: string; passphrase: string };
    answer: { meeting: string; title: string; known: boolean };
  };
  recent: { ask: Record<string, never>; answer: Omit<RecentMeeting, "link">[] };
}

export type Question = {
  [Name in keyof Questions]: { name: Name } & Questions[Name]["ask"];
}[keyof Questions];

export type ToWorker =
  | { t: "open"; meeting: string; fragment: string | null }
  | { t: "input"; input: PageInput }
  | { t: "slots"; slots: LineSlot[] }
  | { t: "ask"; id: number; question: Question };

export type FromWorker =
  | { t: "opened" }
  | { t: "send"; message: { t: string } }
  | { t: "answer"; sdp: string }
  /** Round trips are to be measured again, now. */
  | { t: "measure" }
  /** The connection to the server is to be given up for another. */
  | { t: "renew" }
  | { t: "event"; event: PageEvent }
  | { t: "counts"; counts: LineCounts[] }
  | { t: "answered"; id: number; answer: unknown }
  | { t: "refused"; id: number; code: string; detail: string };
