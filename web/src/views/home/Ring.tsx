// Responsible for: the drawing on the first page: servers inside a fence, and others outside it.
// Not responsible for: saying anything: it is hidden from screen readers.
import css from "./Ring.module.css";

const inside = [
  [200, 118],
  [268, 206],
  [150, 246],
] as const;
const outside = [
  [52, 92],
  [356, 108],
  [372, 290],
  [84, 344],
  [246, 372],
] as const;

export function Ring() {
  return (
    <svg className={css.ring} viewBox="0 0 420 420" aria-hidden>
      <circle className={css.field} cx="206" cy="194" r="132" />
      <path className={css.paths} d="M200 118L268 206L150 246Z" />
      <circle className={css.fence} cx="206" cy="194" r="132" />
      {inside.map(([x, y]) => (
        <circle key={x} className={css.inside} cx={x} cy={y} r="13" />
      ))}
      {outside.map(([x, y]) => (
        <circle key={x} className={css.outside} cx={x} cy={y} r="9" />
      ))}
    </svg>
  );
}
