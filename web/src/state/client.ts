// Responsible for: what the page may ask of a meeting and of the server (interfaces only).
// Not responsible for: doing it (net/) or what comes back (events.ts).
import type { Admission, DeviceKind, PageEvent, StreamContext } from "./events";
import type { Decision, Spot, Whereabouts } from "./node";

/** One person's meeting. Commands answer through events; none of them throws. */
export interface MeetingClient {
  /** The whole link with its key, for inviting others; null when this page was not given one. */
  readonly link: string | null;
  /** Own camera and microphone; another object after each change of device (a `media` event says so). */
  readonly localStream: MediaStream | null;
  /** Own screen while it is shared; another object each time (a `screen` event says so). */
  readonly localScreen: MediaStream | null;
  /** Whether this browser can share a screen: those of phones cannot. */
  readonly canShare: boolean;
  /** Connects, checks the charter and the place, opens camera and microphone for the preview. */
  open(): void;
  join(name: string): void;
  leave(): void;
  admit(knock: string): void;
  deny(knock: string): void;
  /** `member`: the member key of the roster. */
  remove(member: string): void;
  /** Only where the meeting event says `owner`; a `charter` event follows when it counts. */
  amend(change: RulesChange): void;
  /** What that would come to: a `proposed` event with this id follows, and nothing is changed. */
  propose(id: number, change: RulesChange): void;
  /** Presets and previews, for who changes the fence. */
  readonly directory: Pick<Directory, "node" | "presets" | "previewFence" | "forget">;
  chat(text: string): void;
  setMuted(muted: boolean): void;
  setCamera(on: boolean): void;
  /** Chosen for this meeting, and remembered for the next one. */
  useDevice(kind: DeviceKind, id: string): void;
  /** Asks again for a microphone or camera that could not be used. */
  retryDevices(): void;
  /** Has to be called from a press or a key: the browser then asks which screen. */
  share(): void;
  stopSharing(): void;
  /** Asks for the verification code; a `code` event follows. */
  askCode(): void;
  /** Remembered on this device; null forgets it. A `whereabouts` event follows. */
  setWhereabouts(whereabouts: Whereabouts | null): void;
  /** The browser asks its person first; rejects with an Error that is a DirectoryError. */
  locate(): Promise<Spot>;
  /** Also after the end. `place`: with one's own place in it. Rejects as `locate` does. */
  receipt(place: boolean): Promise<ReceiptFile>;
  /** Another's sound or picture; null until a `tracks` event lists it. */
  stream(leaf: number, context: StreamContext): MediaStream | null;
  /** How tall this member's picture or screen is shown, in device pixels; 0 when it is not shown. */
  setView(leaf: number, context: StreamContext, height: number): void;
  /** Returns how to stop. Every event since open() reaches the first subscriber. */
  subscribe(listener: (event: PageEvent) => void): () => void;
}

/** What the owner changes in the charter; what is not named stays. */
export interface RulesChange {
  /** Of the charter that the owner has seen changed; another in force meanwhile is a refusal. */
  version?: number;
  /** As a preview gives it. */
  policy?: string;
  admission?: Admission;
  host?: { member: string; host: boolean };
}

export interface NodeInfo {
  node: string;
  name: string;
  operator: { id: string; name: string; key: string };
  version: string;
  address_kind: "private" | "public";
  /** From the node's statement; null when the operator does not say. */
  country: string | null;
  place: string | null;
  beacons: BeaconInfo[];
}

/** A server that measures this one, in its own words; its operator named it. */
export interface BeaconInfo {
  key: string;
  name: string;
  host: string;
  operator: string;
  country: string | null;
  place: string | null;
  lat: number;
  lon: number;
}

export interface Preset {
  id: string;
  title: string;
  /** YYYY-MM-DD */
  date: string;
  source: string;
  caveat: string;
  sentence: string;
  default: boolean;
}

/**
 * `operator_word`: accept what the operator states as enough ("stated"). `beacons`: keys of those whose round trips can
 * prove something.
 */
export type FenceChoice = ({ preset: string } | { policy_toml: string }) & {
  operator_word: boolean;
  beacons: string[];
};

/** All that a node can do for a meeting, in the core's words. */
export type Leg =
  | "web"
  | "signalling"
  | "keys"
  | "media"
  | "relay"
  | "recording"
  | "storage"
  | "log"
  | "metrics"
  | "mail"
  | "identity"
  | "gateway";

/** A policy as the core has read it; what was left out is said. */
export interface PolicyRules {
  name: string;
  countries: string[];
  law: string[];
  operators: string[];
  nodes: string[];
  minimum: "stated" | "consistent" | "proven";
  exclude: string[];
  liars: number;
  sources: string[];
  roles: Partial<
    Record<Leg, { countries: string[] | null; law: string[] | null; operators: string[] | null }>
  >;
}

/** A node of the server; its key and name are null where nothing that is said of it counts. */
export interface SeenNode {
  node: string | null;
  name: string | null;
  allowed: boolean;
  decisions: Decision[];
}

export interface FencePreview {
  allowed: number;
  of: number;
  /** The policy as canonical CBOR, base64url. */
  policy: string;
  rules: PolicyRules;
  sentences: string[];
  /** What a rule for one leg may name. */
  within: { countries: string[]; law: string[] };
  nodes: SeenNode[];
}

export interface MeetingChoice {
  title: string;
  admission: Admission;
  fence: FenceChoice;
}

export interface RecentMeeting {
  meeting: string;
  title: string;
  link: string;
  /** Milliseconds since 1970 of the last visit. */
  at: number;
  owner: boolean;
}

/** A file to be saved on the device. */
export interface KeyFile {
  name: string;
  text: string;
}

/** What this device saw of where the meeting was, signed; to be saved. */
export interface ReceiptFile {
  name: string;
  bytes: Uint8Array;
}

export interface ImportedMeeting {
  title: string;
  link: string;
  /** This device had its keys before: nothing was changed. */
  known: boolean;
}

/** What a failed call of the Directory rejects with. */
export interface DirectoryError {
  code: string;
  detail: string;
}

/** The server and this device, outside any meeting. Calls reject with an Error that is a DirectoryError. */
export interface Directory {
  node(): Promise<NodeInfo>;
  presets(): Promise<Preset[]>;
  previewFence(choice: FenceChoice): Promise<FencePreview>;
  /** `draft`: names the keys of this meeting, as long as they can be copied. */
  createMeeting(choice: MeetingChoice): Promise<{ link: string; draft: number }>;
  copyKeys(draft: number, passphrase: string): Promise<KeyFile>;
  /** From now on the keys of that meeting cannot be copied. */
  lockKeys(draft: number): void;
  importMeeting(file: Blob, passphrase: string): Promise<ImportedMeeting>;
  recent(): Promise<RecentMeeting[]>;
  /** A dialog is over. What the server said of itself is asked anew for the next one: it may say something else then. */
  forget(): void;
}

/** `key`: the link's fragment; null when the address had none (this device may remember it). */
export type CreateMeetingClient = (meeting: string, key: string | null) => MeetingClient;
export type CreateDirectory = () => Directory;
