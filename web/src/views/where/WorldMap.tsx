// Responsible for: the map: land, borders, and on them servers, the circles that physics allows, and oneself.
// Not responsible for: saying it in words (MapSection.tsx), which whoever does not see it reads.
import type { Point } from "./circle";
import { labelsOf, type Drawing, type View } from "./drawing";
import { SIGNS } from "./signs";
import css from "./Where.module.css";
import { BORDERS, LAND } from "./world.generated";

/** The world again at both sides, for views that cross the antimeridian. */
const COPIES = [-360, 0, 360];
/** A beacon in the same town as the server is to be seen behind it. */
const SIZES = { you: 1, beacon: 1.5, server: 1 } as const;

interface WorldMapProps {
  drawing: Drawing;
  view: View;
  label: string;
  describedBy: string;
  you: string;
}

export default function WorldMap({ drawing, view, label, describedBy, you }: WorldMapProps) {
  const { west, north, width, height, stretch } = view;
  // Plane coordinates: east of the view's left edge, south of its upper one; as wide as a degree is there.
  const place = ([lon, lat]: Point): [number, number] => [(lon - west) * stretch, north - lat];
  const wide = width * stretch;
  const mark = wide / 60;
  const letter = wide / 27;
  // Oneself first, so that servers are drawn above.
  const own = drawing.you ? [{ key: "", name: you, at: drawing.you }] : [];
  const kinds = [
    ["you", own],
    ["beacon", drawing.beacons],
    ["server", drawing.nodes],
  ] as const;
  const marks = kinds.flatMap(([kind, ones]) =>
    ones.map((one) => ({ ...one, kind, at: place(one.at) })),
  );
  const labels = labelsOf(marks, letter, wide, height);
  const line = (points: Point[]) => points.map((point) => place(point).join(" ")).join("L");
  return (
    <svg
      role="img"
      aria-label={label}
      aria-describedby={describedBy}
      viewBox={`0 0 ${wide} ${height}`}
      className={css.map}
    >
      {COPIES.map((turn) => (
        <g
          key={turn}
          transform={`scale(${stretch} 1) translate(${turn - west} ${north}) scale(0.1)`}
        >
          <path d={LAND} className={css.land} />
          <path d={BORDERS} className={css.borders} />
        </g>
      ))}
      {drawing.circles.map(({ key, circle }) => (
        <g key={key}>
          {COPIES.map((turn) => (
            <g key={turn} transform={`translate(${turn * stretch} 0)`}>
              <path
                d={circle.area.map((ring) => `M${line(ring)}Z`).join("")}
                className={css.within}
              />
              {circle.edge.length > 0 && <path d={`M${line(circle.edge)}`} className={css.edge} />}
            </g>
          ))}
        </g>
      ))}
      {marks.map(({ key, kind, name, at: [x, y] }, i) => {
        const label = labels[i];
        return (
          <g key={`${kind} ${key}`} transform={`translate(${x} ${y})`}>
            <path
              d={SIGNS[kind]}
              transform={`scale(${(mark / 6) * SIZES[kind]})`}
              className={css[kind]}
            />
            {label && (
              <text
                x={label.right * letter}
                y={label.below * letter}
                fontSize={letter}
                strokeWidth={letter / 4}
                textAnchor={label.anchor}
                className={css.name}
              >
                {name}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
