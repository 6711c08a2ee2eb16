// Responsible for: the map with its words: what stands where, and how far off it can be at most.
// Not responsible for: drawing it (WorldMap.tsx, fetched when it is first wanted).
import { lazy, Suspense, useId, useState } from "react";
import { clockTime, t } from "../../messages";
import type { NodePlace, Trip, Whereabouts } from "../../state/node";
import { townOf } from "../../state/place";
import { Button } from "../parts/Button";
import { kmBetween } from "./circle";
import { drawingOf, isEmpty, viewOf, WORLD } from "./drawing";
import { SIGNS, type SignOf } from "./signs";
import css from "./Where.module.css";
import { degrees, roughly, whereaboutsOf } from "./words";

const WorldMap = lazy(() => import("./WorldMap").catch(() => ({ default: NoMap })));

function Waiting() {
  return (
    <p className={css.waiting} data-loading>
      {t("map.loading")}
    </p>
  );
}

/** The server may be out of reach just then. */
function NoMap() {
  return <p className={css.waiting}>{t("map.failed")}</p>;
}

interface MapSectionProps {
  nodes: NodePlace[];
  whereabouts: Whereabouts | null;
}

export function MapSection({ nodes, whereabouts }: MapSectionProps) {
  const id = useId();
  const [whole, setWhole] = useState(false);
  const drawing = drawingOf(nodes, whereabouts);
  if (isEmpty(drawing)) return <p className={css.waiting}>{t("map.empty")}</p>;
  const near = viewOf(drawing);
  return (
    <figure className={css.figure}>
      <Suspense fallback={<Waiting />}>
        <WorldMap
          drawing={drawing}
          view={whole ? WORLD : near}
          label={t("map.label")}
          describedBy={id}
          you={t("map.you")}
        />
      </Suspense>
      {near.width < WORLD.width && (
        <div>
          <Button onClick={() => setWhole(!whole)}>{t(whole ? "map.close" : "map.world")}</Button>
        </div>
      )}
      <figcaption id={id}>
        <dl className={css.words}>
          {nodes.map((node) => (
            <div key={node.node}>
              <dt>
                <Sign of="server" /> {node.name}
              </dt>
              {wordsOf(node, whereabouts).map((words) => (
                <dd key={words}>{words}</dd>
              ))}
            </div>
          ))}
          {beaconsOf(nodes).map(([trip, words]) => (
            <div key={trip.observer}>
              <dt>
                <Sign of="beacon" /> {trip.name}
              </dt>
              {words.map((line) => (
                <dd key={line}>{line}</dd>
              ))}
            </div>
          ))}
          {whereabouts && (
            <div>
              <dt>
                <Sign of="you" /> {t("map.you")}
              </dt>
              <dd>{t("map.yours", { where: whereaboutsOf(whereabouts) })}</dd>
            </div>
          )}
        </dl>
      </figcaption>
    </figure>
  );
}

function Sign({ of }: { of: SignOf }) {
  return (
    <svg viewBox="-8 -8 16 16" className={css.sign} aria-hidden>
      <path d={SIGNS[of]} className={css[of]} />
    </svg>
  );
}

/** Each beacon once, with what it is and what it has measured. */
function beaconsOf(nodes: NodePlace[]): [Trip, string[]][] {
  const said = new Map<string, [Trip, string[]]>();
  for (const { name: server, trips = [] } of nodes) {
    for (const trip of trips) {
      const { observer, beacon, min_ms, km, at, stale } = trip;
      if (!beacon) continue;
      const where = t(beacon === "pinned" ? "map.beacon" : "map.beacon.stranger", {
        degrees: degrees(trip),
      });
      const [, words] = said.get(observer) ?? [trip, [where]];
      const what = { server, ms: roughly(min_ms), km: Math.ceil(km), time: clockTime(at) };
      words.push(t(stale ? "map.beacon.stale" : "map.beacon.within", what));
      said.set(observer, [trip, words]);
    }
  }
  return [...said.values()];
}

function wordsOf(node: NodePlace, whereabouts: Whereabouts | null): string[] {
  const { coordinates = null, trips = [] } = node;
  const where = townOf(node);
  const words = [t("map.nowhere")];
  if (coordinates)
    words[0] = t("map.stated", { where: where || node.name, degrees: degrees(coordinates) });
  else if (where) words[0] = t("map.unplaced", { where });
  if (coordinates && whereabouts) {
    words.push(t("map.stated.km", { km: Math.round(kmBetween(coordinates, whereabouts)) }));
  }
  const others = trips.filter(({ beacon }) => !beacon);
  for (const { observer, min_ms: ms, km } of others) {
    const from = observer === "you" ? "you" : "other";
    words.push(t("map.within", { ms: roughly(ms), km: Math.ceil(km), from }));
  }
  if (trips.length === 0) words.push(t("map.unmeasured"));
  return words;
}
