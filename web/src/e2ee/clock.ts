// Responsible for: the time of a membership: it never runs backwards, and never stands still while time passes.
// Not responsible for: what follows from it (core/e2ee).

/**
 * Milliseconds since 1970. A clock that is set back goes on from where it was; one that is set ahead, or that ran on
 * while the device slept, is followed.
 */
export function newClock(): () => number {
  let [time, measured] = [Date.now(), performance.now()];
  return () => {
    const passed = performance.now() - measured;
    measured += passed;
    time = Math.max(time + passed, Date.now());
    return Math.floor(time);
  };
}
