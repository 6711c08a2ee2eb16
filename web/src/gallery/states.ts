// Responsible for: every state that a meeting's page can be in, by name.
// Not responsible for: drawing them (main.tsx).
import type { ChatLine, Notice, State } from "../state/state";
import { start } from "../state/state";
import { change, everything } from "./changes";
import { canada, members, NOW, onlyThisServer, outside } from "./people";
import { whereStates } from "./where";

const base: State = {
  ...start(NOW),
  place: onlyThisServer,
  media: { camera: true, muted: false, problems: [] },
  devices: {
    microphones: [{ id: "m", label: "Built-in microphone" }],
    cameras: [{ id: "c", label: "Built-in camera" }],
    speakers: [{ id: "s", label: "Built-in speakers" }],
    microphone: "m",
    camera: "c",
    speaker: null,
  },
  meeting: {
    meeting: "AAECAwQFBgcICQoLDA0ODw",
    title: "Reading room renovation",
    admission: "link",
    mode: "link",
    role: "host",
    owner: true,
    version: 1,
    until: null,
  },
};
const guest = {
  ...base,
  meeting: base.meeting && { ...base.meeting, role: "guest" as const, owner: false },
};
const lobby = guest.meeting && {
  ...guest.meeting,
  admission: "lobby" as const,
  mode: "lobby" as const,
};

const LONG =
  "Annual general meeting of the Friends of the Municipal Library, with the treasurer’s report and elections";

/** Of a lobby meeting that ends. */
function host(): State {
  const meeting = lobby && { ...lobby, role: "host" as const, until: NOW / 1000 + 30 * 86_400 };
  return { ...base, meeting };
}

function call(count: number, more: Partial<State> = {}): State {
  const tracks = members(count).flatMap(({ leaf }) => [
    { leaf, context: 0 as const, mid: `a${leaf}` },
    { leaf, context: 1 as const, mid: `v${leaf}` },
  ]);
  return {
    ...base,
    phase: "in",
    joinedAt: NOW - 754_000,
    epoch: count,
    members: members(count),
    tracks: tracks.filter(({ leaf }) => leaf > 0),
    speaking: count > 1 ? [1] : [],
    connection: "connected",
    ...more,
  };
}

const away: Partial<State> = { lostAt: NOW - 8_000, tracks: [], speaking: [] };

function sharedBy(state: State, leaf: number): State {
  const tracks = [...state.tracks, { leaf, context: 3 as const, mid: `s${leaf}` }];
  return { ...state, tracks, sharers: [...state.sharers, leaf] };
}

const lines: ChatLine[] = [
  ["m-1", "Ben Lindqvist", "Good morning! The plans are on the table in the small hall."],
  ["m-0", "Ada Okafor", "Thank you. Shall we begin with the windows?"],
  ["m-2", "Chiara Fontana", "Yes please.\nThe north side first, then the stairs."],
  [
    "m-1",
    "Ben Lindqvist",
    "https://example.org/a/very/long/address/that-does-not-break-anywhere-by-itself",
  ],
].map(([from = "", name = "", text = ""], i) => ({
  id: String(i),
  from,
  name,
  you: from === "m-0",
  text,
  at: NOW - 60_000 * (4 - i),
  toldBy: null,
}));

/** After the page was loaded again. */
const told = lines.map((line, i) => ({ ...line, toldBy: i < 3 ? "Ben Lindqvist" : null }));

const unplugged: Notice = {
  id: 1,
  kind: "device-lost",
  device: "microphone",
  name: "Built-in microphone",
  by: "Headset of the reading room",
  at: NOW,
};

export const states: Record<string, State> = {
  opening: start(NOW),
  "opening-offline": {
    ...start(NOW),
    problems: [{ code: "RF6104", detail: "The server does not answer.", fatal: false }],
  },
  before: { ...guest, phase: "ready" },
  "before-host": { ...host(), phase: "ready", media: { camera: true, muted: true, problems: [] } },
  "before-long": {
    ...guest,
    phase: "ready",
    meeting: guest.meeting && { ...guest.meeting, title: LONG },
  },
  "before-elsewhere": {
    ...guest,
    phase: "ready",
    place: canada,
    meeting: lobby,
    devices: {
      ...base.devices,
      cameras: [...base.devices.cameras, { id: "d", label: "Document camera" }],
    },
  },
  "before-nocamera": {
    ...guest,
    phase: "ready",
    media: { camera: false, muted: true, problems: ["RF6202"] },
  },
  "before-refused": {
    ...guest,
    phase: "ready",
    media: { camera: false, muted: true, problems: ["RF6207"] },
    devices: { ...base.devices, microphones: [], cameras: [], speakers: [] },
  },
  "before-unplugged": {
    ...guest,
    phase: "ready",
    notices: [unplugged],
  },
  joining: { ...guest, phase: "joining" },
  waiting: { ...guest, phase: "waiting", meeting: lobby, place: canada },
  alone: call(1),
  two: call(2),
  three: call(3),
  many: call(9, { speaking: [4], unread: 2 }),
  crowd: call(40, { speaking: [7] }),
  "crowd-door": call(40, {
    knocks: members(9).map(({ member: id, name }) => ({
      id,
      name: `${name ?? ""} from the choir`,
    })),
  }),
  long: call(2, { meeting: base.meeting && { ...base.meeting, title: LONG } }),
  away: call(3, {
    members: members(3).map((one) => ({ ...one, present: one.leaf !== 1 })),
    speaking: [],
  }),
  knocks: call(3, {
    knocks: [
      { id: "k1", name: "Nadia Petrova" },
      { id: "k2", name: "Oskar" },
    ],
  }),
  notices: call(3, {
    notices: [
      { id: 1, kind: "joined", name: "Chiara Fontana", by: null, at: NOW },
      { ...unplugged, id: 2 },
      { id: 3, kind: "device-found", device: "camera", name: "", by: null, at: NOW },
    ],
  }),
  notice: call(3, {
    notices: [{ id: 1, kind: "joined", name: "Chiara Fontana", by: null, at: NOW }],
  }),
  chat: call(3, { panel: "chat", chat: lines }),
  "chat-told": call(3, { panel: "chat", chat: told }),
  "chat-empty": call(2, { panel: "chat" }),
  people: call(9, { panel: "people" }),
  "people-changed": call(9, { panel: "people", changes: [{ ...change, you: true }] }),
  "people-refused": call(9, {
    panel: "people",
    problems: [{ code: "RF3264", detail: "The rules are the same already.", fatal: false }],
  }),
  "people-guest": call(3, { panel: "people", meeting: lobby }),
  "people-alone": call(1, { panel: "people" }),
  where: call(3, {
    panel: "where",
    verification: { code: "48213 90577 31406 62958", epoch: 3, shownAt: NOW },
  }),
  "where-removed": call(2, {
    panel: "where",
    meeting: base.meeting && { ...base.meeting, mode: "lobby" },
  }),
  "where-elsewhere": call(3, { panel: "where", place: canada, epoch: 4 }),
  "where-moved": call(4, {
    panel: "where",
    verification: { code: "48213 90577 31406 62958", epoch: 3, shownAt: NOW },
  }),
  ...whereStates({ call, guest }),
  rules: call(3, { changes: [change] }),
  "rules-many": call(3, { changes: [{ ...change, rules: everything, by: null }], panel: "where" }),
  "rules-guest": call(3, {
    meeting: lobby,
    changes: [{ ...change, rules: [] }],
    verification: { code: "48213 90577 31406 62958", epoch: 3, shownAt: NOW },
  }),
  "rules-before": { ...guest, phase: "ready", changes: [{ ...change, by: null, rules: [] }] },
  "rules-waiting": {
    ...guest,
    phase: "waiting",
    meeting: lobby,
    changes: [{ ...change, by: null }],
  },
  muted: call(3, { media: { muted: true, camera: false, problems: [] } }),
  "device-lost": call(3, { media: { camera: false, muted: true, problems: ["RF6204"] } }),
  unreadable: call(3, {
    problems: [{ code: "RF6303", detail: "Ben Lindqvist’s sound", fatal: false }],
  }),
  screen: sharedBy(call(4), 1),
  "screen-two": sharedBy(sharedBy(call(9), 1), 4),
  sharing: call(3, { screen: { sharing: true, sound: true } }),
  unplugged: call(3, { notices: [unplugged] }),
  nomicrophone: call(3, { media: { muted: true, camera: true, problems: ["RF6205"] } }),
  checking: call(2, {
    place: { ...canada, may_send: false },
    connection: "connecting",
    brokenAt: NOW - 1_000,
    tracks: [],
  }),
  reconnecting: call(3, {
    connection: "connecting",
    brokenAt: NOW - 9_000,
    connectedBefore: true,
    tracks: [],
    speaking: [],
  }),
  failed: call(2, {
    connection: "failed",
    brokenAt: NOW - 31_000,
    problems: [{ code: "RF6304", detail: "No path to 192.168.1.20:5004.", fatal: false }],
  }),
  cutoff: call(3, { cutoff: NOW - 14_000 }),
  offline: call(3, { ...away, phase: "lost" }),
  "offline-checking": call(3, { ...away, phase: "connecting" }),
  "offline-rejoining": call(3, { ...away, phase: "joining" }),
  "offline-waiting": {
    ...guest,
    ...away,
    phase: "waiting",
    meeting: lobby,
    joinedAt: NOW - 90_000,
  },
  back: call(3, {
    notices: [{ id: 1, kind: "back", name: null, by: null, at: NOW, took: 8_000 }],
  }),
  left: { ...base, phase: "left", joinedAt: NOW },
  removed: { ...guest, phase: "removed", joinedAt: NOW },
  denied: { ...guest, phase: "denied" },
  lost: { ...guest, phase: "lost", lostAt: NOW - 8_000 },
  stopped: { ...guest, phase: "stopped", place: outside, code: "RF2104" },
  refused: {
    ...guest,
    phase: "stopped",
    code: "RF3227",
    problems: [
      {
        code: "RF3227",
        detail: "A member without an admission was about to be added.",
        fatal: true,
      },
    ],
  },
  halted: {
    ...start(NOW),
    phase: "stopped",
    code: "RF6101",
    problems: [{ code: "RF6101", detail: "The link has no key behind #.", fatal: true }],
  },
  unsupported: { ...start(NOW), phase: "stopped", code: "RF6001" },
  insecure: { ...start(NOW), phase: "stopped", code: "RF6002" },
};
