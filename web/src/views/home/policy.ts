// Responsible for: what the fields of one's own fence say, as the text of a policy (TOML).
// Not responsible for: reading such a text, or what it allows (the core).

/** Whose law counts: that of the allowed countries, any, or that of a list of their own. */
export type LawChoice = "same" | "any" | "list";
export type Minimum = "stated" | "consistent" | "proven";

export interface Fields {
  name: string;
  countries: string[];
  law: LawChoice;
  laws: string[];
  minimum: Minimum;
  exclude: string[];
  /** Keys of nodes that are allowed wherever they stand. */
  nodes: string[];
}

/** Nothing is allowed until its owner says what. */
export const EMPTY: Fields = {
  name: "My fence",
  countries: [],
  law: "same",
  laws: [],
  minimum: "consistent",
  exclude: [],
  nodes: [],
};

// Of what JSON leaves as it is, TOML's strings may not hold this one.
const text = (word: string) => JSON.stringify(word).replaceAll("\u007f", "\\u007f");
const list = (words: readonly string[]) => `[${words.map(text).join(", ")}]`;

/** What is left out is left out here, too: the core says what that means. */
export function written(fields: Fields): string {
  const { name, countries, law, laws, minimum, exclude, nodes } = fields;
  const lines = [
    `name = ${text(name)}`,
    "version = 1",
    "",
    "[allow]",
    `countries = ${list(countries)}`,
    ...(law === "any" ? ['law = ["*"]'] : []),
    ...(law === "list" ? [`law = ${list(laws)}`] : []),
    ...(nodes.length > 0 ? [`nodes = ${list(nodes)}`] : []),
    "",
    "[evidence]",
    `minimum = ${text(minimum)}`,
    ...(exclude.length > 0 ? [`exclude = ${list(exclude)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
