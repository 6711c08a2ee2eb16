// Responsible for: a meeting and a server that only pretend, for the gallery.
// Not responsible for: any real media: pictures are painted.
import type {
  BeaconInfo,
  Directory,
  MeetingClient,
  NodeInfo,
  Preset,
  RulesChange,
} from "../state/client";
import type { Store } from "../state/store";
import { onlyThisServer } from "./people";
import { painted, paintedPage } from "./painted";
import { preview } from "./fences";
import { proposed } from "./changes";

const KEY = "3q2-7wAAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk";
export const LINK = `https://meet.example.org/m/AAECAwQFBgcICQoLDA0ODw#${KEY}`;

/** What a pretended meeting was asked to change in its rules. */
export const amended: RulesChange[] = [];

/** Answers each command as the real one would, at once. */
export function pretendClient(store: Store): MeetingClient {
  const streams = new Map<number, MediaStream>();
  const stream = (leaf: number) => {
    const known = streams.get(leaf) ?? painted(leaf);
    streams.set(leaf, known);
    return known;
  };
  const quiet = new MediaStream();
  const silence = () => quiet;
  let page: MediaStream | null = null;
  const screen = () => (page ??= paintedPage());
  const state = store.current;
  const media = (change: object) => store.dispatch({ t: "media", ...state().media, ...change });
  return {
    link: LINK,
    get localStream() {
      return state().media.camera ? stream(0) : null;
    },
    get localScreen() {
      return state().screen.sharing ? screen() : null;
    },
    canShare: true,
    share: () => store.dispatch({ t: "screen", sharing: true, sound: true }),
    stopSharing: () => store.dispatch({ t: "screen", sharing: false, sound: false }),
    open: () => undefined,
    join: () => store.dispatch({ t: "phase", phase: "joining" }),
    leave: () => store.dispatch({ t: "phase", phase: "left" }),
    admit: (id) =>
      store.dispatch({ t: "knocks", knocks: state().knocks.filter((k) => k.id !== id) }),
    deny: (id) =>
      store.dispatch({ t: "knocks", knocks: state().knocks.filter((k) => k.id !== id) }),
    remove: (member) =>
      store.dispatch({
        t: "roster",
        epoch: (state().epoch ?? 0) + 1,
        mode: "lobby",
        members: state().members.filter((one) => one.member !== member),
      }),
    amend: (change) => void amended.push(change),
    propose: (id, change) => {
      const event = proposed(id, change);
      if (event !== null) store.dispatch(event);
    },
    directory: pretendDirectory(true),
    chat: (text) =>
      store.dispatch({
        t: "chat",
        id: `sent-${state().chat.length}`,
        from_member: "m-0",
        name: "Ada Okafor",
        you: true,
        text,
        at: state().since,
      }),
    setMuted: (muted) => media({ muted }),
    setCamera: (camera) => media({ camera }),
    useDevice: (kind, id) => store.dispatch({ t: "devices", ...state().devices, [kind]: id }),
    retryDevices: () => media({ problems: [], camera: true, muted: false }),
    askCode: () => {
      if (state().verification) return;
      store.dispatch({
        t: "code",
        code: "48213 90577 31406 62958",
        epoch: state().epoch ?? 0,
      });
    },
    setWhereabouts: (whereabouts) => store.dispatch({ t: "whereabouts", whereabouts }),
    locate: () => slowly("", { lat: 60.45, lon: 22.27, radius_km: 2 }),
    // “slow” never comes, as with what is written elsewhere.
    receipt: (place) =>
      slowly(
        new URLSearchParams(location.search).get("receipt") ?? "",
        { name: place ? "receipt-with-place.cbor" : "receipt.cbor", bytes: new Uint8Array(8) },
        "RF6117",
      ),
    // No voices: the browser would hold them back and say so on each state. A shared screen's sound, for who asks.
    stream: (leaf, context) => [null, stream, silence, screen][context]?.(leaf) ?? null,
    setView: () => undefined,
    subscribe: () => () => undefined,
  };
}

const node: NodeInfo = {
  node: onlyThisServer.nodes[0]?.node ?? "",
  name: "ringfence-1",
  operator: { id: "library-turku", name: "Municipal Library of Turku", key: "" },
  version: "0.1.0",
  address_kind: "private",
  country: null,
  place: null,
  beacons: [],
};

const KEYS = [
  "s4yVbqJ3o0mWcUuXn1ZkQ8rT2pGdHfLa7eKi9xBv5wM",
  "Qm7d2Xh0Kc4sYvRb8nLtJfWz3aGpEi6uTo1kCq9xNZU",
];
const beacons: BeaconInfo[] = [
  ...[{ key: KEYS[0] ?? "", name: "hel2", host: "meet.helsinki.example", place: "Helsinki" }],
  ...[{ key: KEYS[1] ?? "", name: "tmp1", host: "samtal.example:8443", place: null }],
].map((one) => ({
  ...one,
  operator: "Association for Public Rooms and Conversations",
  country: one.place && "FI",
  ...(one.place ? { lat: 60.17, lon: 24.94 } : { lat: 61.5, lon: 23.76 }),
}));

const dated = { date: "2026-11-01", source: "Operators' statements" };
const presets: Preset[] = [
  {
    id: "only-this-server",
    title: "Only this server",
    sentence: "The server that you are looking at carries the meeting, and no other.",
    caveat: "It says nothing about where this server stands.",
    default: true,
    ...dated,
  },
  {
    id: "eu",
    title: "European Union",
    sentence: "Servers in the 27 member states, whose operators answer to their law alone.",
    caveat: "It is not a statement of GDPR compliance.",
    default: false,
    ...dated,
  },
  {
    id: "ca",
    title: "Canada",
    sentence: "Servers in Canada, whose operators answer to Canadian law alone.",
    caveat: "It is not a statement of compliance with any act.",
    default: false,
    ...dated,
  },
  {
    id: "world-except-cn",
    title: "Everywhere except China",
    sentence: "Servers in any country except China, with round trips that rule China out.",
    caveat: "Round trips rule out places; they do not prove one.",
    default: false,
    ...dated,
  },
];

const FILE = { name: "ringfence-AAECAwQFBgcICQoLDA0ODw.key.json", text: "{}" };
const imported = (passphrase: string) => ({
  title: "Reading room renovation",
  link: LINK,
  known: passphrase.includes("known"),
});

/** What was written says what happens: “slow” never ends, “wrong” is refused. */
function slowly<T>(written: string, answer: T, code = "RF6113"): Promise<T> {
  if (written.includes("slow")) return new Promise<T>(() => undefined);
  const detail = "It says that it is wrong.";
  if (written.includes("wrong"))
    return Promise.reject(Object.assign(new Error("refused"), { code, detail }));
  return Promise.resolve(answer);
}

export function pretendDirectory(visited: boolean, measured = false): Directory {
  return {
    node: () => Promise.resolve(measured ? { ...node, beacons } : node),
    presets: () => Promise.resolve(presets),
    previewFence: (choice) =>
      slowly("preset" in choice ? "" : choice.policy_toml, preview(choice), "RF2001"),
    createMeeting: ({ title }) => slowly(title, { link: LINK, draft: 0 }, "RF6104"),
    copyKeys: (_, passphrase) => slowly(passphrase, FILE),
    lockKeys: () => undefined,
    importMeeting: (_, passphrase) => slowly(passphrase, imported(passphrase)),
    forget: () => undefined,
    recent: () =>
      Promise.resolve(
        visited
          ? [
              { meeting: "a", title: "Reading room renovation", link: LINK, at: 0, owner: true },
              { meeting: "b", title: "Choir, Thursday", link: LINK, at: 0, owner: false },
            ].map((one, i) => ({ ...one, at: Date.UTC(2026, 10, 24 - 3 * i) }))
          : [],
      ),
  };
}

/** A server that does not answer. */
export function failingDirectory(): Directory {
  const refuse = () =>
    Promise.reject(
      Object.assign(new Error("unreachable"), {
        code: "RF6104",
        detail: "The server does not answer.",
      }),
    );
  return {
    node: refuse,
    presets: refuse,
    previewFence: refuse,
    createMeeting: refuse,
    copyKeys: refuse,
    lockKeys: () => undefined,
    importMeeting: refuse,
    forget: () => undefined,
    recent: () => Promise.resolve([]),
  };
}
