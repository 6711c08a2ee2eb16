// Responsible for: that the text of the fields says to the core what the fields say, and comes back from it as the same fields.
// Not responsible for: what a policy allows (core/fence), or the fields themselves (tests/ownfence.test.ts).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { initSync, previewFence } from "../../e2ee/pkg/ringfence_wasm_home.js";
import type { FencePreview } from "../../state/client";
import { EMPTY, fieldsOf, LEGS, SOURCES, written, type Fields, type LegRule } from "./policy";

const beside = (path: string) => readFileSync(new URL(path, import.meta.url));
initSync({ module: beside("../../e2ee/pkg/ringfence_wasm_home_bg.wasm") });
const vectors = JSON.parse(
  beside("../../../../docs/protocol/vectors/documents.json").toString(),
) as {
  now: number;
  keys: { name: string; public: string }[];
  documents: { name: string; document: string }[];
};
const one = <T extends { name: string }>(list: T[], name: string): T => {
  const found = list.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

function preview(policy_toml: string): FencePreview {
  const ask = {
    policy_toml,
    operator_word: false,
    statement: one(vectors.documents, "statement, by the operator").document,
    operator: { id: "example-coop", key: one(vectors.keys, "operator").public },
    data: [],
    located: [],
    now: vectors.now,
  };
  return JSON.parse(previewFence(JSON.stringify(ask))) as FencePreview;
}

/** Mulberry32: the same fences each time. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PLACES = ["CA", "US", "DE", "eu@2026-01", "world-except-cn@2026-01"];
const IDS = ["example-coop", 'a "quoted" one', "b\\c", "ключ"];

function drawn(seed: number): Fields {
  const draw = draws(seed);
  const some = <T>(of: readonly T[]) => of.filter(() => draw(2) === 0);
  const maybe = <T>(of: T) => (draw(2) === 0 ? of : null);
  const [countries, operators] = [some(PLACES), maybe(some(IDS))];
  const law = (["same", "any", "list"] as const)[draw(3)] ?? "same";
  // A list that is that of the countries is the same however it is written.
  const laws = law === "list" ? ["FR", ...some(PLACES)] : [];
  const allowed = { same: countries, any: PLACES, list: laws }[law];
  const rule = (): LegRule => ({
    countries: maybe(some(countries)),
    law: maybe(some(allowed)),
    operators: maybe(some(operators ?? IDS)),
  });
  return {
    name: `Fence ${seed} "x" \u007f`,
    ...{ countries, law, laws, operators },
    minimum: (["stated", "consistent", "proven"] as const)[draw(3)] ?? "stated",
    exclude: some(PLACES),
    liars: draw(4),
    sources: some(SOURCES),
    nodes: some([one(vectors.keys, "node").public, one(vectors.keys, "owner").public]),
    legs: Object.fromEntries(some(LEGS).map((leg) => [leg, rule()])),
  };
}

describe("the text of the fields", () => {
  test("is read by the core as the same fields", () => {
    for (let seed = 0; seed < 300; seed++) {
      const fields = drawn(seed);
      const read = preview(written(fields));
      expect(fieldsOf(read.rules), `seed ${seed}`).toEqual(fields);
      expect(written(fieldsOf(read.rules)), `seed ${seed}`).toBe(written(fields));
    }
  });

  test("says nothing that the core would not say by itself", () => {
    const { rules, sentences } = preview(written(EMPTY));
    expect(fieldsOf(rules)).toEqual(EMPTY);
    expect(sentences).toEqual([
      "No server is allowed: this fence names neither a country nor a node.",
    ]);
  });

  test("may name for one leg what the core says is within the fence, and nothing else", () => {
    const fields = { ...EMPTY, countries: ["eu@2026-01", "CA"] };
    const { within } = preview(written(fields));
    for (const place of ["CA", "DE", "eu@2026-01", "CH", "world@2026-01"]) {
      const legs = { storage: { countries: [place], law: null, operators: null } };
      const reads = () => preview(written({ ...fields, legs }));
      if (within.countries.includes(place)) expect(reads().of).toBe(1);
      else expect(reads, place).toThrow("roles.storage.countries allows more than [allow] does");
    }
  });
});
