// Responsible for: what there is to draw on the map, and which part of the world shows it.
// Not responsible for: drawing it (WorldMap.tsx), or saying it in words (MapSection.tsx).
import type { NodePlace, Spot, Trip, Whereabouts } from "../../state/node";
import { circleAround, type Circle, type Point, type Position } from "./circle";

interface Mark {
  key: string;
  name: string;
  at: Point;
}

export interface Drawing {
  nodes: Mark[];
  beacons: Mark[];
  you: Point | null;
  circles: { key: string; circle: Circle }[];
}

/** In degrees; `stretch`: how wide a degree of longitude is beside one of latitude. */
export interface View {
  west: number;
  north: number;
  width: number;
  height: number;
  stretch: number;
}

export const WORLD: View = { west: -180, north: 90, width: 360, height: 180, stretch: 1 };
/** As wide as that, relative to its height. */
const SHAPE = 2;
/** Nearer, the coasts of this map are too coarse (degrees of latitude). */
const LEAST_HEIGHT = 9;
const NARROWEST = 0.2;

/** Longitudes are counted on from the first place, so that what is near is not at both ends of the map. */
export function drawingOf(nodes: NodePlace[], whereabouts: Whereabouts | null): Drawing {
  const you = spotOf(nodes, whereabouts);
  const middle = you?.lon ?? nodes.find(({ coordinates }) => coordinates)?.coordinates?.lon ?? 0;
  const point = ({ lat, lon }: Position): Point => [near(lon, middle), lat];
  const all = nodes.flatMap(({ node, trips = [] }) =>
    trips.map((trip, i) => ({ key: `${node} ${i}`, trip })),
  );
  // What counts no more draws no line.
  const trips = all.filter(({ trip }) => !trip.stale);
  const beacons = new Map(
    all.flatMap(({ trip }) =>
      trip.beacon
        ? [[trip.observer, { key: trip.observer, name: trip.name ?? "", at: point(trip) }]]
        : [],
    ),
  );
  return {
    nodes: nodes.flatMap(({ node, name, coordinates }) =>
      coordinates ? [{ key: node, name, at: point(coordinates) }] : [],
    ),
    beacons: [...beacons.values()],
    you: you && point(you),
    circles: trips.map(({ key, trip }) => ({ key, circle: circleOf(trip, middle) })),
  };
}

/** Where this person is: as they say now, or as they said when it was measured. */
function spotOf(nodes: NodePlace[], whereabouts: Whereabouts | null): Spot | null {
  const own = ({ observer }: Trip) => observer === "you";
  return whereabouts ?? nodes.flatMap(({ trips = [] }) => trips).find(own) ?? null;
}

const circleOf = ({ lat, lon, km }: Trip, middle: number): Circle =>
  circleAround({ lat, lon: near(lon, middle) }, km);

const near = (lon: number, middle: number): number =>
  middle + ((((lon - middle + 180) % 360) + 360) % 360) - 180;

export function isEmpty({ nodes, beacons, you, circles }: Drawing): boolean {
  return nodes.length + beacons.length + circles.length === 0 && you === null;
}

/** Where a name stands: how far right of its mark and below it, in heights of a letter; and which end is there. */
export interface Label {
  anchor: "start" | "end" | "middle";
  right: number;
  below: number;
}

const SIDES: readonly Label[] = [
  { anchor: "start", right: 0.75, below: 0.35 },
  { anchor: "end", right: -0.75, below: 0.35 },
  { anchor: "middle", right: 0, below: -0.95 },
  { anchor: "middle", right: 0, below: 1.55 },
];
/** Of a letter's height. */
const LETTER = 0.6;
const MARK = 0.7;

type Box = readonly [left: number, top: number, right: number, bottom: number];
interface Named {
  name: string;
  at: readonly [x: number, y: number];
}

/** Each name on the first side where it hides no mark and no other name and is not cut; null: nowhere on the map. */
export function labelsOf(
  marks: Named[],
  letter: number,
  wide: number,
  high: number,
): (Label | null)[] {
  const taken: Box[] = marks.map(({ at: [x, y] }) => around(x, y, MARK * letter));
  return marks.map(({ name, at }) => {
    for (const side of SIDES) {
      const box = boxOf(name, at, side, letter);
      const [left, top, right, bottom] = box;
      const inside = left >= 0 && top >= 0 && right <= wide && bottom <= high;
      if (!inside || taken.some((other) => meet(box, other))) continue;
      taken.push(box);
      return side;
    }
    return null;
  });
}

const around = (x: number, y: number, half: number): Box => [
  x - half,
  y - half,
  x + half,
  y + half,
];

function boxOf(
  name: string,
  [x, y]: Named["at"],
  { anchor, right, below }: Label,
  letter: number,
): Box {
  const width = name.length * LETTER * letter;
  const before = { start: 0, middle: 0.5, end: 1 }[anchor] * width;
  const left = x + right * letter - before;
  const base = y + below * letter;
  return [left, base - 0.8 * letter, left + width, base + 0.2 * letter];
}

function meet(one: Box, other: Box): boolean {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

/** The part of the world that has all of it, with some room around. */
export function viewOf({ nodes, beacons, you, circles }: Drawing): View {
  const points: Point[] = [
    ...[...nodes, ...beacons].map(({ at }) => at),
    ...(you ? [you] : []),
    ...circles.flatMap(({ circle }) => circle.area.flat()),
  ];
  if (points.length === 0) return WORLD;
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const middle = (north + south) / 2;
  const stretch = Math.max(NARROWEST, Math.cos((middle * Math.PI) / 180));
  const room = 1.35;
  const height = Math.max(
    (north - south) * room,
    ((east - west) * room * stretch) / SHAPE,
    LEAST_HEIGHT,
  );
  const width = (height * SHAPE) / stretch;
  if (height >= 150 || width >= 330) {
    return { ...WORLD, west: (west + east) / 2 - 180 };
  }
  // Beyond the poles is nothing to see.
  const top = Math.min(90, Math.max(-90 + height, middle + height / 2));
  return { west: (west + east) / 2 - width / 2, north: top, width, height, stretch };
}
