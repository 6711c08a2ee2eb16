// Responsible for: which members are on which page of tiles, and how large tiles are; pure.
// Not responsible for: drawing them (views/call).

export interface Grid {
  columns: number;
  rows: number;
  /** Of one tile, in CSS pixels. */
  width: number;
  height: number;
}

export const GAP = 8;
const RATIO = 16 / 9;
const SMALLEST = 150;

/** The largest 16:9 tiles that fit `count` of them into the box. */
export function fit(count: number, width: number, height: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const wide = (width - GAP * (columns - 1)) / columns;
    const high = (height - GAP * (rows - 1)) / rows;
    const tile = Math.floor(Math.max(0, Math.min(wide, high * RATIO)));
    if (tile > best.width) best = { columns, rows, width: tile, height: Math.floor(tile / RATIO) };
  }
  return best;
}

/** How many tiles fit before they become too small to read a face. */
export function capacity(width: number, height: number, most: number): number {
  let count = 1;
  while (count < most && fit(count + 1, width, height).width >= SMALLEST) count++;
  return count;
}

/**
 * Splits leaves into pages. Nobody moves when somebody speaks, except that who speaks on a later
 * page takes the place of the one on the first page who has been silent for longest.
 * `first` is the first page as it was shown before.
 */
export function paginate(
  leaves: readonly number[],
  spoke: Readonly<Record<number, number>>,
  size: number,
  first: readonly number[],
): number[][] {
  const kept = first.filter((leaf) => leaves.includes(leaf)).slice(0, size);
  const rest = leaves.filter((leaf) => !kept.includes(leaf));
  while (kept.length < size && rest.length > 0) kept.push(rest.shift() as number);
  const heard = (leaf: number) => spoke[leaf] ?? 0;
  for (const leaf of [...rest].sort((a, b) => heard(b) - heard(a))) {
    // Place 0 is one's own and stays.
    const silent = kept.slice(1).sort((a, b) => heard(a) - heard(b))[0];
    if (silent === undefined || heard(leaf) <= heard(silent)) break;
    kept[kept.indexOf(silent)] = leaf;
    rest[rest.indexOf(leaf)] = silent;
  }
  const pages = [kept];
  for (let i = 0; i < rest.length; i += size) pages.push(rest.slice(i, i + size));
  return pages;
}
