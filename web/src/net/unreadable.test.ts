// Responsible for: when media that does not open is spoken of.
// Not responsible for: dropping it.
import { beforeEach, expect, it } from "vitest";
import { Unreadable } from "./unreadable";

let said: string[];
let unreadable: Unreadable;

beforeEach(() => {
  said = [];
  unreadable = new Unreadable((detail) => said.push(detail));
  unreadable.setSlots([{ line: 3, leaf: 9, context: 1 }]);
});

const seconds = (count: number, passed: number, unopened: number, line = 3) => {
  for (let i = 0; i < count; i++) unreadable.heard([{ line, passed, unopened }]);
};

it("is spoken of once, after five seconds in which nothing opened", () => {
  seconds(4, 0, 20);
  expect(said).toEqual([]);
  seconds(10, 0, 20);
  expect(said).toEqual(["leaf 9, stream 1"]);
});

it("is not spoken of while some frames open, while none come, or of a line nobody is on", () => {
  for (let i = 0; i < 5; i++) {
    seconds(4, 0, 20);
    seconds(1, 1, 20);
  }
  seconds(10, 0, 0);
  seconds(10, 0, 20, 4);
  expect(said).toEqual([]);
});

it("is counted anew when another sits on the line", () => {
  seconds(4, 0, 20);
  unreadable.setSlots([{ line: 3, leaf: 2, context: 1 }]);
  seconds(4, 0, 20);
  expect(said).toEqual([]);
});
