// Responsible for: what a place comes to in a word or a sentence, for the badge and the cards.
// Not responsible for: deciding anything: it reads the core's decisions.
import { countryName, t } from "../messages";
import type { Decision, NodePlace, Reason } from "./node";
import type { State } from "./state";

export type Place = NonNullable<State["place"]>;
export type PlaceStanding = "inside" | "checking" | "stopped";

export function placeOf(place: Place | null): { standing: PlaceStanding; where: string } {
  const where = place ? inWords(place.nodes) : t("badge.nowhere");
  if (!place) return { standing: "checking", where };
  if (place.may_send) return { standing: "inside", where };
  return { standing: place.may_probe ? "checking" : "stopped", where };
}

/** A server of an unsaid country goes by its name. */
function inWords(nodes: NodePlace[]): string {
  const named = nodes.map((node) => (node.country ? countryName(node.country) : node.name));
  return [...new Set(named)].join(", ");
}

/** "Held in Toronto, Canada, by Example Co-op" */
export function whereOf({ nodes }: Place): string {
  return nodes.length > 0 ? t("place.held", { held: heldAt(nodes) }) : t("where.none");
}

/** "in Toronto, Canada, by Example Co-op" */
export function heldAt([first, ...others]: NodePlace[]): string {
  if (!first) return t("badge.nowhere");
  const { operator } = first;
  const held = first.country
    ? t("place.held.in", { where: townOf(first), operator })
    : t("place.held.nowhere", { node: first.name, operator });
  return others.length > 0 ? `${held}, ${t("place.more", { count: others.length })}` : held;
}

/** What was measured contradicts this server, and that rests on no more than what this person said of themselves. */
export function doubted(place: Place | null): NodePlace | null {
  const inDoubt = ({ decisions }: NodePlace) =>
    decisions.some(({ reasons }) => reasons.some(({ code }) => code === "RF2116"));
  return place?.nodes.find(inDoubt) ?? null;
}

export function townOf(node: NodePlace): string {
  const country = node.country && countryName(node.country);
  return [node.place, country].filter(Boolean).join(", ");
}

export interface Refusal {
  node: NodePlace;
  decision: Decision;
  reason: Reason | null;
}

/** The first decision that refused, which is what the page about it has to name. */
export function refusalOf(place: Place | null): Refusal | null {
  for (const node of place?.nodes ?? []) {
    const decision = node.decisions.find((one) => !one.allowed);
    if (decision) return { node, decision, reason: decision.reasons[0] ?? null };
  }
  return null;
}
