// Responsible for: the file that says where the borders of countries are: fetched once, handed to the core once.
// Not responsible for: whether it is the right one (core/fence knows its digest), or what follows from it.
import { asProblem, CODES } from "./problem";

/** Somebody may wait for it on their way in. */
const LONGEST_MS = 15_000;

export class Borders {
  readonly #fetch: () => Promise<Uint8Array>;
  #loaded: Promise<void> | null = null;

  constructor(fetchFile: () => Promise<Uint8Array>) {
    this.#fetch = fetchFile;
  }

  /** When it is there, for whoever asks. What failed is tried again the next time. */
  load(into: (file: Uint8Array) => void): Promise<void> {
    return (this.#loaded ??= this.#fetch()
      .then(into)
      .catch((thrown: unknown) => {
        this.#loaded = null;
        throw asProblem(thrown, CODES.offline);
      }));
  }
}

/** From this page's own origin. */
export async function fetchBorders(): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  const answer = await fetch(new URL("./pkg/borders.bin", import.meta.url), { signal });
  if (!answer.ok) throw new Error(`The server answers ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
}
