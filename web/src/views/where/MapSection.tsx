// Responsible for: the map with its words: what stands where, and how far off it can be at most.
// Not responsible for: drawing it (WorldMap.tsx, fetched when it is first wanted).
import { lazy, Suspense, useId, useState } from "react";
import { t } from "../../messages";
import type { NodePlace, Whereabouts } from "../../state/events";
import { townOf } from "../../state/place";
import { Button } from "../parts/Button";
import { kmBetween } from "./circle";
import { drawingOf, isEmpty, viewOf, WORLD } from "./drawing";
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

/** As on the map: round is a server, and the rhombus is oneself. */
function Sign({ of }: { of: "server" | "you" }) {
  return (
    <svg viewBox="-8 -8 16 16" className={css.sign} aria-hidden>
      {of === "server" ? (
        <circle r={6} className={css.server} />
      ) : (
        <path d="M0-8L8 0L0 8L-8 0Z" className={css.you} />
      )}
    </svg>
  );
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
  for (const { observer, min_ms: ms, km } of trips) {
    const from = observer === "you" ? "you" : "other";
    words.push(t("map.within", { ms: roughly(ms), km: Math.ceil(km), from }));
  }
  if (trips.length === 0) words.push(t("map.unmeasured"));
  return words;
}
