// Responsible for: the types of every message between page and server.
// Not responsible for: their meaning (docs/protocol). Made by `make generate`: change the source, not this.
// Bytes are base64url without padding.

/** How many entries a log of routes had when the client saw it last. */
export interface KnownLog {
  log: string;
  size: number;
}

/** The knocker's name, sealed to one host. */
export interface HostName {
  host: string;
  sealed: string;
}

/** A knock that a commit adds. */
export interface Welcomed {
  knock: string;
}

export interface Want {
  mid: string;
  height: number;
}

/** A node that could carry the meeting. */
export interface Candidate {
  node: string;
  refused: string | null;
  statement: string | null;
}

/** A route in the log of routes (C2SP: tlog-checkpoint, tlog-proof's order of hashes). */
export interface Logged {
  salt: string;
  index: number;
  proof: string[];
  checkpoint: string;
  continues: string[];
}

export interface Slot {
  mid: string;
  leaf: number | null;
  context: number;
}

/** The first message; may be said again until the client is a member. */
export interface Hello {
  t: "hello";
  v: number;
  nonce: string;
  logs?: KnownLog[];
}

/** Goes on with a leaf whose connection was lost. Refused (RF1220), the client comes back without its group. */
export interface Resume {
  t: "resume";
  proof: string;
  token: string;
  after: number;
}

/** Starts a group. Taken when there is none, or no member was connected for 10 s; the first valid one wins. */
export interface Found {
  t: "found";
  genesis: string;
  group_info: string;
  tree: string;
}

/** Asks to be let in. A second knock of a connection replaces the first. */
export interface Knock {
  t: "knock";
  package: string;
  admission?: string | null;
  proof: string;
  names: HostName[];
}

/** Asks for the group, to come back to it. For member keys that are admitted; others knock. */
export interface Back {
  t: "back";
  proof: string;
}

/** Comes back by oneself, after `group`. */
export interface Rejoin {
  t: "rejoin";
  epoch: number;
  commit: string;
  group_info: string;
}

/** Sends a knock away. Hosts only. */
export interface Deny {
  t: "deny";
  knock: string;
}

/** Changes the group. Members only; the first valid one of an epoch is provisional, others are refused. */
export interface Commit {
  t: "commit";
  epoch: number;
  commit: string;
  group_info: string;
  welcome?: string | null;
  welcomes: Welcomed[];
}

/** Whether a provisional commit can be merged here, by who did not make it. Members only. */
export interface Checked {
  t: "checked";
  epoch: number;
  ok: boolean;
}

/** One's own leaving (SelfRemove), and nothing else. Members only. */
export interface Proposal {
  t: "proposal";
  message: string;
}

/** An MLS application message for all other members, or for one. Members only. */
export interface Sealed {
  t: "sealed";
  message: string;
  to?: number | null;
  id?: number | null;
}

/** Asks whether the log of routes has only grown between two sizes. Members only. */
export interface LogAsked {
  t: "log";
  old: number;
  new: number;
}

/** An SDP offer. Members only. */
export interface Offer {
  t: "offer";
  sdp: string;
  nonce: string;
}

/** How large each slot is shown. Members only. */
export interface View {
  t: "view";
  wants: Want[];
}

/** Whether anything comes through. Members only. */
export interface Ping {
  t: "ping";
}

/** The client goes, and does not come back by itself. */
export interface Bye {
  t: "bye";
}

/** What is current, proved by the node's signature over the client's nonce. */
export interface Greeting {
  t: "hello";
  charter: string;
  route: string;
  statement: string;
  located: string[];
  transcripts: string[];
  proof: string;
  knock_nonce: string;
  generation: number | null;
  group: string | null;
  epoch: number | null;
  alive: boolean;
  candidates: Candidate[];
  logged: Logged | null;
}

/** The group runs, with the client as its first member. */
export interface Founded {
  t: "founded";
  token: string;
  n: number;
}

/** The knock is held. Said again when a host has to let in whom the link alone let in before. */
export interface Waiting {
  t: "waiting";
  lobby: boolean;
}

/** Somebody asks to be let in: to all members if `auto`, else to hosts only. */
export interface KnockHeld {
  t: "knock";
  id: string;
  package: string;
  admission: string | null;
  proof: string;
  names: HostName[];
  member: string;
  auto: boolean;
}

/** A knock is gone: admitted, denied or left. */
export interface Settled {
  t: "settled";
  id: string;
}

/** To who is outside: the charter is another one; say hello again, and knock anew. */
export interface Amended {
  t: "amended";
}

/** A host sent the knock away. */
export interface Denied {
  t: "denied";
}

/** The client is in. */
export interface Welcome {
  t: "welcome";
  welcome: string;
  tree: string;
  ledger: string;
  epoch: number;
  token: string;
  n: number;
}

/** The client is a member again; everything that it missed came before this. */
export interface Resumed {
  t: "resumed";
  leaf: number;
  taken: number;
  media: boolean;
}

/** The group as it is, for who has shown that they are in it. */
export interface GroupShown {
  t: "group";
  group_info: string;
  tree: string;
  ledger: string;
  epoch: number;
}

/** The client is in again, on this leaf. */
export interface Rejoined {
  t: "rejoined";
  leaf: number;
  token: string;
  n: number;
}

/** A commit that the server took, to all members, the committer too. It is provisional: nobody merges it yet. */
export interface CommitMade {
  t: "commit";
  epoch: number;
  commit: string;
}

/** The provisional commit counts: all merge it. */
export interface Confirmed {
  t: "confirmed";
  epoch: number;
  n: number;
}

/** The provisional commit does not count: no other member could use it within 1 s. */
export interface Reopened {
  t: "reopened";
  epoch: number;
}

/** Another member wishes to leave. */
export interface ProposalMade {
  t: "proposal";
  message: string;
  n: number;
}

/** An MLS application message of another member. */
export interface SealedPassed {
  t: "sealed";
  message: string;
  n: number | null;
}

/** The server keeps the client's messages up to this one. */
export interface Taken {
  t: "taken";
  id: number;
}

/** The leaves that have a live connection. */
export interface Present {
  t: "present";
  leaves: number[];
}

/** That the log of routes has only grown between two sizes. */
export interface LogProof {
  t: "log";
  old: number;
  new: number;
  proof: string[];
}

/** What beacons measured last, in place of what was shown before. To members. */
export interface TranscriptsShown {
  t: "transcripts";
  transcripts: string[];
}

/** The SDP answer. */
export interface Answer {
  t: "answer";
  sdp: string;
  binding: string;
}

/** What each receiving line of the client carries now. */
export interface Slots {
  t: "slots";
  slots: Slot[];
  need: number;
  codec: "VP8" | "VP9";
}

/** Who speaks. */
export interface Speaking {
  t: "speaking";
  leaves: number[];
}

/** A host removed this client; the commit that did so came before. The connection closes. */
export interface Removed {
  t: "removed";
}

/** A message was refused, and changed nothing. */
export interface Error {
  t: "error";
  code: string;
  title: string;
  detail: string;
  do: string;
  re: string | null;
}

/** Something does. */
export interface Pong {
  t: "pong";
}

/** The server closes the connection. */
export interface ServerBye {
  t: "bye";
  code: string;
}

/** Who runs the node. */
export interface OperatorWord {
  id: string;
  name: string;
  key: string;
}

/** The log in which routes are written down; it is read at `/log/`. */
export interface LogWord {
  origin: string;
  key: string;
  verifier: string;
}

/** An offline data set about addresses, which the operator imported. */
export interface DataSet {
  kind: "registry" | "geoip";
  name: string;
  date: string;
  digest: string;
}

/** A beacon that measures this node, in its own words. */
export interface BeaconWord {
  key: string;
  name: string;
  lat: number;
  lon: number;
  host: string;
  operator: string;
  country: string | null;
  place: string | null;
}

/** Why a fence refuses a node. */
export interface Reason {
  role: string;
  code: string;
  rule: string;
  source: string;
  text: string;
}

/** This node, as it states itself. */
export interface Node {
  node: string;
  name: string;
  statement: string;
  operator: OperatorWord;
  log: LogWord;
  version: string;
  address_kind: "private" | "public";
  country: string | null;
  place: string | null;
  data: DataSet[];
  located: string[];
  beacons: BeaconWord[];
  transcripts: string[];
}

/** A meeting to hold: its charter, version 1, signed by its owner. */
export interface NewMeeting {
  charter: string;
}

export interface Created {
  meeting: string;
}

/** What anybody with the meeting's id may read. */
export interface Meeting {
  charter: string;
  route: string;
  statement: string;
  located: string[];
  transcripts: string[];
}

/** A node asks to be measured. */
export interface RoundTripsAsked {
  statement: string;
  port: number;
}

/** What was measured, signed by the server that did. */
export interface RoundTrips {
  statement: string;
  transcripts: string[];
}

export interface Health {
  status: "ok";
  version: string;
}

/** RFC 9457 problem details; `code` is stable. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  do: string;
  reasons: Reason[];
}

export type ClientMessage =
  | Hello
  | Resume
  | Found
  | Knock
  | Back
  | Rejoin
  | Deny
  | Commit
  | Checked
  | Proposal
  | Sealed
  | LogAsked
  | Offer
  | View
  | Ping
  | Bye;

export type ServerMessage =
  | Greeting
  | Founded
  | Waiting
  | KnockHeld
  | Settled
  | Amended
  | Denied
  | Welcome
  | Resumed
  | GroupShown
  | Rejoined
  | CommitMade
  | Confirmed
  | Reopened
  | ProposalMade
  | SealedPassed
  | Taken
  | Present
  | LogProof
  | TranscriptsShown
  | Answer
  | Slots
  | Speaking
  | Removed
  | Error
  | Pong
  | ServerBye;
