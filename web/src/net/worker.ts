// Responsible for: starting the one worker script, from this page's own origin.
// Not responsible for: what is said to it.

export const newWorker = (): Worker =>
  new Worker(new URL("../e2ee/worker.ts", import.meta.url), { type: "module", name: "ringfence" });
