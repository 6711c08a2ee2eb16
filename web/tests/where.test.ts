// Responsible for: the geometry of the map: circles that hold what is near and nothing else, views, names, towns.
// Not responsible for: looks (npm run shots), or what a circle proves (core/fence).
import { describe, expect, test } from "vitest";
import type { NodePlace, Trip } from "../src/state/node";
import { circleAround, kmBetween, type Point, type Position } from "../src/views/where/circle";
import { drawingOf, labelsOf, viewOf, WORLD } from "../src/views/where/drawing";
import { towns } from "../src/views/where/towns";
import { degrees, roughly } from "../src/views/where/words";
import { angle } from "../src/views/where/YourPlace";

/** The same numbers in each run (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** By the even-odd rule, as it is drawn: the plane again at both sides. */
function holds(area: Point[][], { lat, lon }: Position): boolean {
  return [-720, -360, 0, 360, 720].some((turn) => {
    let inside = false;
    for (const ring of area) {
      ring.forEach(([x, y], i) => {
        const [px = 0, py = 0] = ring.at(i - 1) ?? [];
        const crosses = y > lat !== py > lat;
        if (crosses && lon + turn < ((px - x) * (lat - y)) / (py - y) + x) inside = !inside;
      });
    }
    return inside;
  });
}

const somewhere = (random: () => number): Position => ({
  lat: (Math.asin(2 * random() - 1) * 180) / Math.PI,
  lon: 360 * random() - 180,
});

describe("a distance", () => {
  test.each([
    ["Toronto to Montréal", { lat: 43.65, lon: -79.38 }, { lat: 45.5, lon: -73.57 }, 504],
    ["over the antimeridian", { lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 }, 111],
    ["over the pole", { lat: 80, lon: 0 }, { lat: 80, lon: 180 }, 2224],
    ["to the other side", { lat: 10, lon: 20 }, { lat: -10, lon: -160 }, 20015],
  ])("%s", (_, one, other, km) => {
    expect(Math.round(kmBetween(one, other))).toBe(km);
  });
});

describe("a circle", () => {
  const centres: [string, Position][] = [
    ["in the middle of nowhere", { lat: 10, lon: 20 }],
    ["at the antimeridian", { lat: -18.1, lon: 178.4 }],
    ["far north", { lat: 78.2, lon: 15.6 }],
    ["at the south pole", { lat: -90, lon: 0 }],
    ["on the equator", { lat: 0, lon: -180 }],
  ];
  const radii = [5, 300, 1_500, 5_000, 9_990, 12_000, 17_000, 19_990, 21_000];
  const all = centres.flatMap(([where, centre]) => radii.map((km) => [where, km, centre] as const));

  test.each(all)("%s of %i km holds what is nearer, and nothing else", (_, km, centre) => {
    const { area, edge } = circleAround(centre, km);
    for (const [lon, lat] of edge) {
      expect(Math.abs(kmBetween(centre, { lat, lon }) - km)).toBeLessThan(0.01 + km / 1e6);
    }
    const random = dice(km);
    let counted = 0;
    for (let i = 0; i < 2_000; i++) {
      const point = i < 500 ? nearEdge(random, centre, km) : somewhere(random);
      const far = kmBetween(centre, point);
      // Between two points of the edge the line is straight on the plane.
      if (Math.abs(far - km) < 30 + km / 50 || Math.abs(point.lat) > 89) continue;
      counted++;
      expect(holds(area, point), `${point.lat} ${point.lon} at ${far} km`).toBe(far < km);
    }
    expect(counted).toBeGreaterThan(500);
  });

  function nearEdge(random: () => number, centre: Position, km: number): Position {
    const span = (2 * km) / 111;
    const lat = centre.lat + (random() - 0.5) * span;
    const lon = centre.lon + (random() - 0.5) * span;
    return {
      lat: Math.max(-90, Math.min(90, lat)),
      lon: ((((lon + 180) % 360) + 360) % 360) - 180,
    };
  }
});

describe("beacons on the map", () => {
  const trip = (observer: string, more: Partial<Trip> = {}): Trip => ({
    ...{ observer, name: observer, beacon: "pinned", lat: 49.9, lon: -97.14, radius_km: 0 },
    ...{ min_ms: 1, km: 150, samples: 20, at: 0, ...more },
  });
  const node = (name: string, trips: Trip[]): NodePlace => ({
    ...{ node: name, name, roles: [], operator: "o", parents: [], country: null },
    ...{ place: null, addresses: [], standing: "stated", allowed: true, decisions: [], trips },
  });

  test("each is drawn once, with a circle for each answer", () => {
    const { beacons, circles, you } = drawingOf(
      [node("one", [trip("b"), trip("c")]), node("two", [trip("b")])],
      null,
    );
    expect(beacons.map(({ key }) => key)).toEqual(["b", "c"]);
    expect(circles).toHaveLength(3);
    expect(you).toBeNull();
  });

  test("an answer that counts no more has no circle, and its beacon stays", () => {
    const { beacons, circles } = drawingOf([node("one", [trip("b", { stale: true })])], null);
    expect(beacons).toHaveLength(1);
    expect(circles).toEqual([]);
  });

  test("one's own measurements are no beacon's", () => {
    const own = trip("you", { beacon: null, name: null });
    expect(drawingOf([node("one", [own])], null).beacons).toEqual([]);
  });
});

describe("the view", () => {
  const node = (lat: number, lon: number, more: Partial<NodePlace> = {}): NodePlace => ({
    ...{ node: `${lat} ${lon}`, name: "n", roles: [], operator: "o", parents: [], country: null },
    ...{ place: null, addresses: [], standing: "stated", allowed: true, decisions: [] },
    coordinates: { lat, lon },
    ...more,
  });
  const you = (lat: number, lon: number) => ({
    lat,
    lon,
    radius_km: 30,
    town: null,
    confirmed: false,
  });
  const trip = (lat: number, lon: number, km: number) => ({
    ...{ observer: "you", radius_km: 30, min_ms: 1, samples: 1, at: 0 },
    ...{ lat, lon, km },
  });

  test("has all that is drawn, also across the antimeridian, and no more of the world than that asks for", () => {
    const random = dice(1);
    for (let i = 0; i < 500; i++) {
      const [one, other] = [somewhere(random), somewhere(random)];
      const trips = random() < 0.5 ? [trip(other.lat, other.lon, 4_000 * random())] : [];
      const drawing = drawingOf([node(one.lat, one.lon, { trips })], you(other.lat, other.lon));
      const { west, north, width, height, stretch } = viewOf(drawing);
      const points = [...drawing.nodes.map(({ at }) => at), ...(drawing.you ? [drawing.you] : [])];
      for (const [lon, lat] of points) {
        expect(lon).toBeGreaterThanOrEqual(west);
        expect(lon).toBeLessThanOrEqual(west + width);
        expect(lat).toBeLessThanOrEqual(north);
        expect(lat).toBeGreaterThanOrEqual(north - height);
      }
      expect((width * stretch) / height).toBeCloseTo(2);
      expect(north).toBeLessThanOrEqual(90);
      expect(north - height).toBeGreaterThanOrEqual(-90.001);
    }
  });

  test("of two places near each other at both sides of the antimeridian is small", () => {
    const view = viewOf(drawingOf([node(-13.8, -171.8)], you(-18.1, 178.4)));
    expect(view.width).toBeLessThan(30);
  });

  test("is the world where a circle holds a pole, and where there is nothing", () => {
    expect(viewOf(drawingOf([node(70, 20, { trips: [trip(70, 20, 4_000)] })], null))).toMatchObject(
      {
        width: WORLD.width,
        height: WORLD.height,
      },
    );
    expect(viewOf(drawingOf([], null))).toEqual(WORLD);
  });

  test("shows the circle of each round trip, and who measured it, though they say nothing now", () => {
    const trips = [trip(45, -75, 800), { ...trip(50, 8, 900), observer: "b" }];
    const drawing = drawingOf([node(43, -79, { trips })], null);
    expect(drawing.circles).toHaveLength(2);
    expect(drawing.you).toEqual([-75, 45]);
    expect(drawingOf([node(43, -79)], null).you).toBeNull();
    const old: NodePlace = node(43, -79);
    delete old.coordinates;
    expect(drawingOf([old], null)).toEqual({ nodes: [], beacons: [], you: null, circles: [] });
  });
});

test("names hide neither each other nor a mark, and stay on the map", () => {
  const mark = (name: string, x: number, y: number) => ({ name, at: [x, y] as const });
  const labels = labelsOf(
    [mark("You", 50, 25), mark("tor1", 53, 25), mark("edge", 99, 25), mark("corner", 1, 3)],
    ...([4, 100, 50] as const),
  );
  expect(labels.map((label) => label?.anchor)).toEqual(["end", "start", "end", "start"]);
  const same = Array.from({ length: 9 }, (_, i) => mark(`server-${i}`, 50, 25));
  expect(labelsOf(same, 4, 100, 50).filter((label) => label !== null).length).toBeLessThan(5);
});

test.each([
  ["43.65", 90, 43.65],
  [" -79,38 ", 180, -79.38],
  ["−79.38", 180, -79.38],
  ["90.1", 90, NaN],
  ["north", 90, NaN],
  ["", 180, NaN],
  ["Infinity", 180, NaN],
])("“%s” typed as an angle of at most %i is %d", (text, most, expected) => {
  expect(angle(text, most)).toBe(expected);
});

test("places and numbers are said as people say them", () => {
  expect(degrees({ lat: 43.6532, lon: -79.3832 })).toBe("43.65° N, 79.38° W");
  expect(degrees({ lat: -36.85, lon: 174.76 })).toBe("36.85° S, 174.76° E");
  expect([0.4242, 8.4321, 143.9].map(roughly)).toEqual([0.42, 8.4, 144]);
});

test("the towns to choose from have names, countries and places, and no two of a country the same name", () => {
  expect(towns.length).toBeGreaterThan(300);
  for (const { name, country, lat, lon } of towns) {
    expect([name, country, Number.isFinite(lat), Number.isFinite(lon)]).toEqual([
      expect.stringMatching(/^\p{Lu}[^\d]+$/u),
      expect.stringMatching(/^[A-Z]{2}$/),
      true,
      true,
    ]);
  }
  expect(new Set(towns.map(({ name, country }) => `${country} ${name}`)).size).toBe(towns.length);
});
