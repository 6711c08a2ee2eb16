// Responsible for: the file that says where the borders of countries are: fetched once, handed to the core once.
// Not responsible for: whether it is the right one (core/fence knows its digest), or what follows from it.
import { asProblem, CODES } from "./problem";

export class Borders {
  readonly #fetch: () => Promise<Uint8Array>;
  #state: "absent" | "coming" | "here" = "absent";

  constructor(fetchFile: () => Promise<Uint8Array>) {
    this.#fetch = fetchFile;
  }

  /** What failed is tried again the next time. */
  async load(into: (file: Uint8Array) => void): Promise<void> {
    if (this.#state !== "absent") return;
    this.#state = "coming";
    try {
      into(await this.#fetch());
      this.#state = "here";
    } catch (thrown) {
      this.#state = "absent";
      throw asProblem(thrown, CODES.offline);
    }
  }
}

/** From this page's own origin. */
export async function fetchBorders(): Promise<Uint8Array> {
  const answer = await fetch(new URL("./pkg/borders.bin", import.meta.url));
  if (!answer.ok) throw new Error(`The server answers ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
}
