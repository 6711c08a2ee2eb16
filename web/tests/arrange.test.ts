// Responsible for: how tiles share the room, and that nobody jumps.
// Not responsible for: drawing.
import { describe, expect, test } from "vitest";
import { capacity, fit, GAP, paginate } from "../src/state/arrange";

describe("fit", () => {
  test.each([
    [1, 1400, 700],
    [2, 1400, 700],
    [5, 390, 640],
    [9, 1400, 700],
    [25, 1400, 700],
    [7, 320, 200],
  ])("%i tiles stay inside %i×%i", (count, width, height) => {
    const grid = fit(count, width, height);
    expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
    expect(grid.columns * grid.width + (grid.columns - 1) * GAP).toBeLessThanOrEqual(width);
    expect(grid.rows * grid.height + (grid.rows - 1) * GAP).toBeLessThanOrEqual(height);
    expect(grid.width).toBeGreaterThan(0);
  });

  test("no other number of columns makes larger tiles", () => {
    expect(fit(4, 1400, 700)).toMatchObject({ columns: 2, rows: 2 });
    expect(fit(3, 390, 640)).toMatchObject({ columns: 1, rows: 3 });
  });
});

test("a page holds no more tiles than can be recognised, and never none", () => {
  expect(capacity(1400, 700, 25)).toBe(25);
  expect(fit(capacity(390, 600, 25), 390, 600).width).toBeGreaterThanOrEqual(150);
  expect(capacity(100, 60, 25)).toBe(1);
});

describe("paginate", () => {
  const leaves = [0, 1, 2, 3, 4, 5, 6];

  test("everybody is on exactly one page", () => {
    const pages = paginate(leaves, { 6: 90, 5: 80 }, 3, [0, 1, 2]);
    expect(pages.flat().sort()).toEqual(leaves);
    expect(pages.every((page) => page.length <= 3)).toBe(true);
  });

  test("nobody on the first page moves when one of them speaks", () => {
    expect(paginate(leaves, { 2: 50 }, 3, [0, 1, 2])[0]).toEqual([0, 1, 2]);
  });

  test("who speaks on a later page takes the place of the longest silent, never one's own", () => {
    expect(paginate(leaves, { 1: 40, 6: 50 }, 3, [0, 1, 2])[0]).toEqual([0, 1, 6]);
  });

  test("who left makes room for the next without moving the others", () => {
    expect(paginate([0, 2, 3, 4], {}, 3, [0, 1, 2])[0]).toEqual([0, 2, 3]);
  });
});
