// Responsible for: whose word on who speaks counts.
// Not responsible for: showing it.
import { beforeEach, expect, it } from "vitest";
import { Speaking } from "./speaking";

let said: number[][];
let now: number;
let speaking: Speaking;

beforeEach(() => {
  [said, now] = [[], 0];
  speaking = new Speaking(
    (leaves) => said.push(leaves),
    () => now,
  );
  speaking.setTracks([
    { leaf: 4, context: 0, mid: "2" },
    { leaf: 7, context: 0, mid: "4" },
    { leaf: 7, context: 1, mid: "5" },
  ]);
});

it("is the server's, while it says something", () => {
  speaking.told([7]);
  now = 2999;
  speaking.measured(new Map([["2", 0.5]]));
  expect(said).toEqual([[7]]);
});

it("is what this browser hears, when the server is silent", () => {
  speaking.told([7]);
  now = 3000;
  speaking.measured(
    new Map([
      ["2", 0.5],
      ["4", 0.001],
      ["9", 1],
    ]),
  );
  speaking.measured(new Map());
  expect(said).toEqual([[7], [4], []]);
});

it("is said once for as long as it stays the same", () => {
  speaking.told([4]);
  speaking.told([4]);
  expect(said).toEqual([[4]]);
});
