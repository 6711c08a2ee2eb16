// Responsible for: circles and distances on a sphere, as lines on the plane of longitude and latitude.
// Not responsible for: what a circle proves: the core decides with an ellipsoid, rounded outward (core/fence).

export interface Position {
  lat: number;
  lon: number;
}

/** East and north, in degrees. East goes on beyond 180 where a line crosses the antimeridian. */
export type Point = readonly [lon: number, lat: number];

export interface Circle {
  /** What is inside, to be filled by the even-odd rule. */
  area: Point[][];
  /** What is to be seen of its edge: not where the plane ends. */
  edge: Point[];
}

const EARTH_KM = 6371.0088;
const STEPS = 90;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;
const clamp = (value: number): number => Math.min(1, Math.max(-1, value));

export function kmBetween(one: Position, other: Position): number {
  const [north, east] = [rad(other.lat - one.lat) / 2, rad(other.lon - one.lon) / 2];
  const half =
    Math.sin(north) ** 2 + Math.cos(rad(one.lat)) * Math.cos(rad(other.lat)) * Math.sin(east) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}

const mirrored = (line: Point[]): Point[] => line.map(([lon, lat]) => [-lon, lat]);

/** Everywhere within `km`. It may hold a pole, both, or everything. */
export function circleAround(centre: Position, km: number): Circle {
  const angle = km / EARTH_KM;
  const [toNorth, toSouth] = [rad(90 - centre.lat), rad(90 + centre.lat)];
  const at = (line: Point[]): Point[] => line.map(([lon, lat]) => [lon + centre.lon, lat]);
  const whole = at(corners(90, -90));
  if (angle >= Math.PI) return { area: [whole], edge: [] };
  if (angle > toNorth && angle > toSouth) {
    // All but a circle around the other side of the world.
    const beyond = circleAround(
      { lat: -centre.lat, lon: centre.lon + 180 },
      EARTH_KM * Math.PI - km,
    );
    return { area: [at(corners(90, -90, 180)), beyond.edge], edge: beyond.edge };
  }
  const east = easternHalf(centre.lat, angle, angle > toNorth, angle > toSouth);
  const west = mirrored(east);
  if (angle > toNorth) {
    const edge = [...west, ...east.toReversed()];
    return { area: [at([...edge, [180, 90], [-180, 90]])], edge: at(edge) };
  }
  if (angle > toSouth) {
    const edge = [...west.toReversed(), ...east];
    return { area: [at([...edge, [180, -90], [-180, -90]])], edge: at(edge) };
  }
  const edge = at([...east, ...west.toReversed()]);
  return { area: [edge], edge };
}

function corners(north: number, south: number, middle = 0): Point[] {
  const [west, east] = [middle - 180, middle + 180];
  return [
    [west, north],
    [east, north],
    [east, south],
    [west, south],
  ];
}

/** The points from due north over east to due south, by how far east of the centre they are: 0 to 180 degrees. */
function easternHalf(lat: number, angle: number, overNorth: boolean, overSouth: boolean): Point[] {
  const [sin, cos] = [Math.sin(rad(lat)), Math.cos(rad(lat))];
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const bearing = (Math.PI * step) / STEPS;
    const height = clamp(sin * Math.cos(angle) + cos * Math.sin(angle) * Math.cos(bearing));
    // Beyond a pole one is on the other side; just there, arithmetic would leave that to chance.
    if (step === 0) return [overNorth ? 180 : 0, deg(Math.asin(height))];
    if (step === STEPS) return [overSouth ? 180 : 0, deg(Math.asin(height))];
    const lon = Math.atan2(
      Math.sin(bearing) * Math.sin(angle) * cos,
      Math.cos(angle) - sin * height,
    );
    return [deg(lon), deg(Math.asin(height))];
  });
}
