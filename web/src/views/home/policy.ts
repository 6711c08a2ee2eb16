// Responsible for: what the fields of one's own fence say, as the text of a policy (TOML), and as the core has read one.
// Not responsible for: reading such a text, or what it allows (the core).
import type { Leg, PolicyRules } from "../../state/client";

/** Whose law counts: that of the allowed countries, any, or that of a list of their own. */
export type LawChoice = "same" | "any" | "list";
export type Minimum = "stated" | "consistent" | "proven";

/** What is stricter for one leg; null: as for every leg. */
export interface LegRule {
  countries: string[] | null;
  law: string[] | null;
  operators: string[] | null;
}

export interface Fields {
  name: string;
  countries: string[];
  law: LawChoice;
  laws: string[];
  /** Ids; null is any. */
  operators: string[] | null;
  minimum: Minimum;
  exclude: string[];
  /** How many observers may lie. */
  liars: number;
  /** Kinds of data set that have to be among those that agree. */
  sources: string[];
  /** Keys of nodes that are allowed wherever they stand. */
  nodes: string[];
  legs: Partial<Record<Leg, LegRule>>;
}

export const LEGS = [
  "web",
  "signalling",
  "keys",
  "media",
  "relay",
  "recording",
  "storage",
  "log",
  "metrics",
  "mail",
  "identity",
  "gateway",
] as const satisfies readonly Leg[];
export const SOURCES = ["registry", "geoip"] as const;
export const ANY = "*";

/** Nothing is allowed until its owner says what. */
export const EMPTY: Fields = {
  name: "My fence",
  countries: [],
  law: "same",
  laws: [],
  operators: null,
  minimum: "consistent",
  exclude: [],
  liars: 0,
  sources: [],
  nodes: [],
  legs: {},
};

// Of what JSON leaves as it is, TOML's strings may not hold this one.
const text = (word: string) => JSON.stringify(word).replaceAll("\u007f", "\\u007f");
const list = (words: readonly string[]) => `[${words.map(text).join(", ")}]`;

const line = (key: string, words: readonly string[] | null): string[] =>
  words === null ? [] : [`${key} = ${list(words)}`];
const orNull = (words: readonly string[]) => (words.length > 0 ? words : null);

/** What is left out is left out here, too: the core says what that means. */
export function written(fields: Fields): string {
  const { name, countries, law, laws, operators, minimum, exclude, liars, sources, nodes } = fields;
  const said = { same: null, any: [ANY], list: laws }[law];
  const lines = [
    `name = ${text(name)}`,
    "version = 1",
    "",
    "[allow]",
    `countries = ${list(countries)}`,
    ...line("law", said),
    ...line("operators", operators),
    ...line("nodes", orNull(nodes)),
    "",
    "[evidence]",
    `minimum = ${text(minimum)}`,
    ...line("exclude", orNull(exclude)),
    ...(liars > 0 ? [`liars = ${liars}`] : []),
    ...line("sources", orNull(sources)),
  ];
  for (const leg of LEGS) {
    const rule = fields.legs[leg];
    if (rule === undefined) continue;
    lines.push("", `[roles.${leg}]`);
    lines.push(...line("countries", rule.countries), ...line("law", rule.law));
    lines.push(...line("operators", rule.operators));
  }
  return `${lines.join("\n")}\n`;
}

const isAny = (words: readonly string[]) => words.length === 1 && words[0] === ANY;

/** A policy as the core has read it, in fields: however it was written, they say the same. */
export function fieldsOf(rules: PolicyRules): Fields {
  const { law, operators, roles, ...rest } = rules;
  const same = JSON.stringify(law) === JSON.stringify(rules.countries);
  const choice = isAny(law) ? "any" : same ? "same" : "list";
  return {
    ...rest,
    law: choice,
    laws: choice === "list" ? law : [],
    operators: isAny(operators) ? null : operators,
    legs: roles,
  };
}
