// Responsible for: the words of an error's code, from the list that the core, server and page share.
// Not responsible for: the list itself (src/ringfence/errors, from which it is generated).

export interface ErrorWords {
  title: string;
  why: string;
  do: string;
}

/** A glob, not an import: the gallery also opens before the list was generated. */
const lists = import.meta.glob<Record<string, ErrorWords>>("../wire/errors.generated.json", {
  eager: true,
  import: "default",
});
const list = new Map(Object.values(lists).flatMap((file) => Object.entries(file)));

export function errorWords(code: string): ErrorWords | null {
  return list.get(code) ?? null;
}
