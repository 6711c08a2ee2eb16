// Responsible for: one receipt after the other, from the question to the file.
// Not responsible for: what is in it and how it is signed (core/e2ee), or saving it (the page).
import { fromBase64url } from "./bytes";
import type { Questions } from "./messages";
import { CODES, Problem } from "./problem";

/** Signing takes a moment, or will not happen any more. */
const SIGNED_WITHIN_MS = 4_000;

type File = Questions["receipt"]["answer"];

export class ReceiptDesk {
  /** Two that are asked for at once would be taken for each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #taken: ((document: string) => void) | null = null;

  /** `ask`: asks the participant, and says whether it asks for a signature. */
  make(ask: () => boolean): Promise<File> {
    const mine = this.#turn.then(() => this.#make(ask));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  take(document: string): void {
    this.#taken?.(document);
  }

  async #make(ask: () => boolean): Promise<File> {
    const none = (why: string) => new Problem(CODES.receipt, why);
    const document = new Promise<string>((resolve, reject) => {
      this.#taken = resolve;
      setTimeout(() => reject(none("It was not signed in time.")), SIGNED_WITHIN_MS);
    });
    document.catch(() => undefined); // where nothing was asked for, nobody waits
    if (!ask()) throw none("No server has shown yet where the meeting is held.");
    const bytes = fromBase64url(await document);
    return { name: `ringfence-receipt-${new Date().toISOString().slice(0, 10)}.cbor`, bytes };
  }
}
