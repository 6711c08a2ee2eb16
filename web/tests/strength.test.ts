// Responsible for: what is said of passphrases by their letters alone.
// Not responsible for: how it is said (names.test.ts).
import { expect, test } from "vitest";
import { judge } from "../src/views/home/strength";

test.each([
  ["", "short", 12],
  ["            ", "short", 12],
  ["hello world", "short", 1],
  ["💧💧💧💧💧💧💧💧💧💧💧", "short", 1],
  ["aaaaaaaaaaaaaaaaaaaaaaaa", "repeats", -12],
  ["ababababababab", "repeats", -2],
  ["kd8!xq2vw0zb", "fair", 0],
  ["four quick snails cross", "good", -11],
  ["kd8!xq2vw0zbkd8!xq2vw0z1", "good", -12],
])("“%s” is %s", (passphrase, strength, missing) => {
  expect(judge(passphrase)).toEqual({
    strength,
    missing,
    enough: strength === "fair" || strength === "good",
  });
});
