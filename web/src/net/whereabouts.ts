// Responsible for: where this person says that they are: remembered on this device, told to the participant here.
// Not responsible for: what follows from it (the core).
import type { PageInput } from "../e2ee/messages";
import { CODES, Problem } from "../e2ee/problem";
import type { Spot, Whereabouts } from "../state/node";
import { keep, recall } from "../stored";

const KEY = "ringfence.whereabouts";
const LONGEST_MS = 30_000;

/** Whoever said yes once may be somewhere else by now: they are asked again. */
export function recallWhereabouts(): Whereabouts | null {
  try {
    const said = JSON.parse(recall("localStorage", KEY) ?? "null") as Whereabouts | null;
    if (said === null || !isSpot(said)) return null;
    const { lat, lon, radius_km } = said;
    const town = typeof said.town === "string" ? said.town : null;
    return { lat, lon, radius_km, town, confirmed: false };
  } catch {
    return null;
  }
}

export function keepWhereabouts(whereabouts: Whereabouts | null): void {
  keep("localStorage", KEY, whereabouts && JSON.stringify(whereabouts));
}

function isSpot({ lat, lon, radius_km }: Spot): boolean {
  if (![lat, lon, radius_km].every(Number.isFinite)) return false;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && radius_km > 0 && radius_km < 20_000;
}

/** Its name stays on the page. */
export function whereaboutsInput(said: Whereabouts | null): PageInput {
  const { lat = null, lon = null, radius_km = null, confirmed = false } = said ?? {};
  return { t: "whereabouts", lat, lon, radius_km, confirmed };
}

/** The browser asks its person first. What it says is rounded: nothing here needs the house. */
export function locate(): Promise<Spot> {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          lat: Math.round(coords.latitude * 100) / 100,
          lon: Math.round(coords.longitude * 100) / 100,
          // To a hundredth of a degree may be another kilometre.
          radius_km: Math.ceil(coords.accuracy / 1000) + 1,
        }),
      ({ message }) => reject(new Problem(CODES.place, message || "It gave no reason.")),
      { enableHighAccuracy: false, timeout: LONGEST_MS, maximumAge: 600_000 },
    );
  });
}
