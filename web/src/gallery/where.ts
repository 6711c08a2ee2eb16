// Responsible for: states about where a meeting is: measured servers, one's own place, moves, and stops.
// Not responsible for: every other state (states.ts).
import type { CandidatePlace } from "../state/candidates";
import type { Decision, NodePlace, Trip, Whereabouts } from "../state/node";
import type { Place } from "../state/place";
import type { State } from "../state/state";
import { canada, local, NOW, onlyThisServer, outside, toronto } from "./people";

const ottawa: Whereabouts = {
  ...{ lat: 45.4, lon: -75.7, radius_km: 30 },
  ...{ town: "Ottawa, Canada", confirmed: false },
};
const turku = { ...ottawa, lat: 60.5, lon: 22.3, town: "Turku, Finland" };
const suva = { ...ottawa, lat: -18.1, lon: 178.4, radius_km: 5, town: null };

const trip = ({ lat, lon, radius_km }: Whereabouts, min_ms: number) => ({
  observer: "you",
  ...{ lat, lon, radius_km, min_ms, samples: 20, at: NOW - 20_000 },
  km: 149.896 * min_ms + radius_km,
});

const [v4 = "", v6 = ""] = toronto.addresses;
const registry = { kind: "registry", name: "rir-delegated", date: "2026-10-01" } as const;
const geoip = { kind: "geoip", name: "dbip-lite", date: "2026-11-01" } as const;
const measured: NodePlace = {
  ...toronto,
  coordinates: { lat: 43.65, lon: -79.38 },
  sources: [
    { ...registry, address: v4, country: "CA" },
    { ...registry, address: v6, country: "CA" },
    { ...geoip, address: v4, country: "CA" },
    { ...geoip, address: v6, country: null },
  ],
  trips: [trip(ottawa, 5.4)],
  excluded: ["CN", "RU"],
  not_excluded: ["US"],
};
const beacon = (name: string, lat: number, lon: number, min_ms: number): Trip => ({
  ...{ observer: name, name, beacon: "pinned", address: v4, radius_km: 0, samples: 20 },
  ...{ lat, lon, min_ms, km: 149.896 * min_ms, at: NOW - 180_000, stale: false },
});
const winnipeg = beacon("wpg1", 49.9, -97.14, 1.2);
const regina = beacon("sk-regina-2", 50.45, -104.62, 3.4);
const chicago: Trip = { ...beacon("chi1", 41.88, -87.63, 9.1), beacon: "stranger" };
const brandon: NodePlace = {
  ...measured,
  ...{ name: "brn1", place: "Brandon", coordinates: { lat: 49.85, lon: -99.95 } },
  ...{ standing: "proven", trips: [winnipeg, regina, chicago], not_excluded: [] },
};
const old: Trip = { ...winnipeg, at: NOW - 4_000_000, stale: true };
const unproven: Decision = {
  ...{ role: "media", allowed: false, checked: true },
  reasons: [
    {
      code: "RF2108",
      rule: "evidence.minimum",
      source: "round trips",
      text: "the standing is consistent, and proven is asked for",
    },
  ],
};
const auckland: NodePlace = {
  ...measured,
  name: "akl1",
  country: "NZ",
  place: "Auckland",
  coordinates: { lat: -36.85, lon: 174.76 },
  sources: [],
  trips: [trip(suva, 17)],
};
const doubt: Decision = {
  role: "media",
  allowed: false,
  checked: true,
  reasons: [
    {
      code: "RF2116",
      rule: "statement",
      source: "round trips",
      text: "an answer in 5.4 ms from where you say that you are leaves it no place in CA",
    },
  ],
};
const inDoubt: NodePlace = {
  ...{ ...measured, trips: [trip(turku, 5.4)], allowed: false },
  decisions: [doubt, ...measured.decisions.filter(({ role }) => role !== "media")],
};
const at = (...nodes: NodePlace[]): Place => ({ ...canada, nodes });
const montreal: NodePlace = {
  ...measured,
  ...{ node: "mtl", name: "mtl1", place: "Montréal", trips: [] },
  coordinates: { lat: 45.5, lon: -73.57 },
};
const log = { origin: "meet.example.org/log", size: 48_213 };
const [bad = local] = outside.nodes;

const nobody = { name: null, operator: null, country: null, place: null };
const against = {
  ...{ code: "RF2104", rule: "allow.countries", source: "statement serial 4" },
  text: "the operator states that the node is in CN, and the fence allows CA",
};
const candidates: CandidatePlace[] = [
  {
    ...{ node: "pek", name: "pek2", operator: "Example Co-op", country: "CN", place: "Beijing" },
    ...{ refused: "RF2104", looked: true, reason: against, differs: false },
  },
  {
    ...{ node: "mtl", name: "mtl1", operator: "Example Co-op", country: "CA", place: "Montréal" },
    ...{ refused: "RF2104", looked: true, reason: null, differs: true },
  },
  {
    ...{ node: "YzM2a1dfcw", ...nobody, refused: "RF2102" },
    ...{ looked: false, reason: null, differs: false },
  },
];

interface Bases {
  call: (count: number, more: Partial<State>) => State;
  guest: State;
}

export function whereStates({ call, guest }: Bases): Record<string, State> {
  const where = (more: Partial<State>) => call(3, { panel: "where", ...more });
  const stopped = {
    ...guest,
    phase: "stopped" as const,
    joinedAt: NOW - 754_000,
    sent: [{ node: local.node, name: "tor1", from: NOW - 750_000, until: NOW }],
  };
  return {
    "where-map": where({ place: { ...at(measured), log }, whereabouts: ottawa }),
    "where-candidates": where({ place: { ...at(measured), candidates } }),
    "where-two": where({
      place: at(measured, montreal),
      whereabouts: { ...ottawa, confirmed: true },
    }),
    "where-far": where({
      place: at({ ...measured, trips: [trip(turku, 104)] }),
      whereabouts: turku,
    }),
    "where-antimeridian": where({ place: at(auckland), whereabouts: suva }),
    "where-unsaid": where({ place: at({ ...measured, trips: [] }) }),
    "where-beacons": where({ place: at(brandon), whereabouts: ottawa }),
    "where-beacons-old": where({
      place: {
        ...at({
          ...{ ...brandon, standing: "consistent", trips: [old], allowed: false },
          decisions: [unproven, ...measured.decisions.filter(({ role }) => role !== "media")],
        }),
        may_send: false,
      },
    }),
    "where-doubt": where({
      place: { ...at(inDoubt), may_send: false },
      whereabouts: turku,
    }),
    "before-doubt": { ...guest, phase: "ready", place: at(inDoubt), whereabouts: turku },
    moved: where({
      place: at(montreal),
      moves: [{ at: NOW - 2_000, before: [measured], now: [montreal] }],
      notices: [
        {
          ...{ id: 1, kind: "moved", at: NOW },
          name: "in Montréal, Canada, by Example Co-op",
          by: "in Toronto, Canada, by Example Co-op",
        },
      ],
    }),
    "stopped-moved": {
      ...stopped,
      place: { ...outside, nodes: [{ ...bad, node: "pek" }] },
      code: "RF2104",
    },
    "stopped-sent": {
      ...stopped,
      ...{ place: outside, code: "RF2104", whereabouts: ottawa },
      sent: [
        { node: bad.node, name: bad.name, from: NOW - 750_000, until: NOW - 300_000 },
        { node: bad.node, name: bad.name, from: NOW - 290_000, until: NOW },
      ],
    },
    "stopped-doubt": {
      ...stopped,
      ...{ place: at(inDoubt), code: "RF2116", whereabouts: turku },
    },
    "left-place": {
      ...guest,
      ...{ phase: "left", joinedAt: NOW, place: onlyThisServer, whereabouts: ottawa },
    },
  };
}
