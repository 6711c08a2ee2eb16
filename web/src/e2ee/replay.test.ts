// Responsible for: which counters count as seen.
// Not responsible for: frames (frames.test.ts).
import { describe, expect, it } from "vitest";
import { ReplayWindow } from "./replay";

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

describe("a replay window", () => {
  it("takes a counter once", () => {
    const window = new ReplayWindow();
    expect([window.mark(0), window.mark(0)]).toEqual([true, false]);
  });

  it("takes what comes late, but not what is older than the window", () => {
    const window = new ReplayWindow();
    window.mark(5000);
    expect(window.mark(5000 - 1023)).toBe(true);
    expect(window.mark(5000 - 1024)).toBe(false);
  });

  it("forgets nothing it still covers when it moves far", () => {
    const window = new ReplayWindow();
    window.mark(10);
    window.mark(1030);
    expect(window.fresh(10)).toBe(false);
    window.mark(2 ** 40);
    expect([window.fresh(2 ** 40), window.fresh(2 ** 40 - 1)]).toEqual([false, true]);
  });

  it("says without marking", () => {
    const window = new ReplayWindow();
    expect([window.fresh(3), window.fresh(3), window.mark(3)]).toEqual([true, true, true]);
  });

  it.each([1, 2, 3, 4])("never takes a counter twice in any order (seed %d)", (seed) => {
    const random = seeded(seed);
    const window = new ReplayWindow();
    const taken = new Set<number>();
    let highest = 0;
    for (let i = 0; i < 5000; i++) {
      const ctr = Math.max(0, highest + Math.floor(random() * 2200) - 1500);
      const covered = ctr > highest - 1024;
      expect(window.mark(ctr), `counter ${ctr}, seed ${seed}`).toBe(covered && !taken.has(ctr));
      if (covered) taken.add(ctr);
      highest = Math.max(highest, ctr);
    }
  });
});
