// Responsible for: places on the earth in words.
// Not responsible for: the names of countries and groups (parts/places.ts).
import { t } from "../../messages";
import type { Whereabouts } from "../../state/node";
import type { Position } from "./circle";

/** 43.65° N, 79.38° W */
export function degrees({ lat, lon }: Position): string {
  const [ns, ew] = [lat < 0 ? "s" : "n", lon < 0 ? "w" : "e"];
  return t("geo.degrees", { lat: rounded(lat), lon: rounded(lon), ns, ew });
}

const rounded = (angle: number): string => String(Math.round(Math.abs(angle) * 100) / 100);

/** "Turku, Finland, within 30 km" */
export function whereaboutsOf(said: Whereabouts): string {
  return t("geo.within", { where: said.town ?? degrees(said), km: said.radius_km });
}

/** As much as anybody needs: 0.42, 8.4, 123 */
export function roughly(number: number): number {
  const digits = number < 1 ? 2 : number < 100 ? 1 : 0;
  return Number(number.toFixed(digits));
}
