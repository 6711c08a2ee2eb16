// Responsible for: how long the core's operations take as WebAssembly; prints JSON of milliseconds.
// Not responsible for: the operations (core/bench), or what is compared with them (bench/core.py).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [module, ...sizes] = process.argv.slice(2);
const { Group, loadBorders, names, still } = createRequire(import.meta.url)(`${module}/ringfence_bench.js`);
loadBorders(readFileSync("core/fence/borders.bin"));
const [steps, others] = names()
  .split("\n")
  .map((line) => line.split(" "));
const ROUNDS = 7;
const SLOW = new Set(["verification-code", "verify-receipt", "place-1000"]);

const timed = (run) => {
  const start = performance.now();
  run();
  return performance.now() - start;
};
const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

const figures = {};
for (const size of sizes) {
  const group = new Group(Number(size));
  const times = Object.fromEntries(steps.map((step) => [step, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const step of steps) times[step].push(timed(() => group.step(step)));
  for (const step of steps) figures[`${step}/${size}`] = median(times[step]);
}
for (const name of others) {
  const often = SLOW.has(name) ? 1 : 100;
  // Making what the operation works on is measured as well, and taken away.
  const round = () => timed(() => still(name, often)) - timed(() => still(name, 0));
  figures[name] = median(Array.from({ length: ROUNDS }, round)) / often;
}
console.log(JSON.stringify(figures));
