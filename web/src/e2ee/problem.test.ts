// Responsible for: that every code of this folder is in the list of errors, and is read from throws.
// Not responsible for: the list's words.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { asProblem, CODES, Problem } from "./problem";

const list = readFileSync(
  new URL("../../../src/ringfence/errors/6xxx-page.toml", import.meta.url),
  "utf8",
);

it.each(Object.entries(CODES))("the list has %s, %s", (_, code) => {
  expect(list).toContain(`[${code}]\n`);
});

it.each([
  ["a problem", new Problem("RF3101", "why"), "RF3101", "why"],
  [
    "an error with fields",
    Object.assign(new Error("x"), { code: "RF2001", detail: "y" }),
    "RF2001",
    "y",
  ],
  [
    "an error whose message has it",
    new Error("RF3204: not the link's"),
    "RF3204",
    "not the link's",
  ],
  ["a text", "RF3204 late", "RF3204", "late"],
  ["a database's code", Object.assign(new Error("quota"), { code: 22 }), "RF6102", "quota"],
  ["nothing", undefined, "RF6102", "undefined"],
])("%s gives its code, or the one fallen back to", (_, thrown, code, detail) => {
  expect(asProblem(thrown, CODES.storage)).toMatchObject({ code, detail });
});
