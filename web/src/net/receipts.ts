// Responsible for: receipts of a meeting, while it lasts and of how it ended.
// Not responsible for: what is in one, or signing it (e2ee/, core).
import type { FromWorker } from "../e2ee/messages";
import { CODES, Problem } from "../e2ee/problem";
import type { ReceiptFile } from "../state/client";
import { Asking } from "./asking";

/** A worker that has not answered by then never will. */
const LAST_ANSWER_MS = 5_000;

type EndingWorker = Pick<Worker, "postMessage" | "terminate">;

const over = () => new Problem(CODES.receipt, "The part of the page that could sign it has ended.");

export class Receipts {
  readonly #asking = new Asking();
  /** Of the end: without one's own place, and with it. */
  #last: Map<boolean, Promise<ReceiptFile>> | null = null;

  /** `place`: with one's own place in it. */
  of(worker: EndingWorker | null, place: boolean): Promise<ReceiptFile> {
    const last = this.#last?.get(place);
    if (last !== undefined) return last;
    return worker === null
      ? Promise.reject(over())
      : this.#asking.ask(worker, "receipt", { place });
  }

  hear(data: FromWorker): void {
    this.#asking.hear(data);
  }

  /** Whoever is out can still save one, but the worker ends, with what it knows: so both are made now. */
  close(worker: EndingWorker): void {
    const ask = (place: boolean) =>
      [place, this.#asking.ask(worker, "receipt", { place })] as const;
    this.#last = new Map([ask(false), ask(true)]);
    const timer = setTimeout(() => this.#asking.end(over()), LAST_ANSWER_MS);
    void Promise.allSettled(this.#last.values()).then(() => {
      clearTimeout(timer);
      worker.terminate();
    });
  }
}
