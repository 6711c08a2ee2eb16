// Responsible for: that the borders are fetched once, and again only after that failed.
// Not responsible for: what the core makes of them (core/fence, tests/agreement).
import { expect, it } from "vitest";
import { Borders } from "./borders";

const FILE = Uint8Array.of(1, 2, 3);

it("fetches the borders once", async () => {
  let asked = 0;
  const borders = new Borders(() => {
    asked++;
    return Promise.resolve(FILE);
  });
  const given: Uint8Array[] = [];
  const into = (file: Uint8Array) => void given.push(file);
  await Promise.all([borders.load(into), borders.load(into)]);
  await borders.load(into);
  expect([asked, given]).toEqual([1, [FILE]]);
});

it("says what failed, and tries again when asked again", async () => {
  const answers = [Promise.reject(new Error("gone")), Promise.resolve(FILE)];
  const borders = new Borders(() => answers.shift() ?? Promise.resolve(FILE));
  const given: Uint8Array[] = [];
  const into = (file: Uint8Array) => void given.push(file);
  await expect(borders.load(into)).rejects.toMatchObject({ code: "RF6104", detail: "gone" });
  const refuse = () => {
    throw new Error("RF2005: it is not the file of this version");
  };
  await expect(borders.load(refuse)).rejects.toMatchObject({ code: "RF2005" });
  await borders.load(into);
  expect(given).toEqual([FILE]);
});
