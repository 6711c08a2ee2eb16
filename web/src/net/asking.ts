// Responsible for: questions to a worker, each with its answer.
// Not responsible for: starting or ending the worker (who asks), or what is answered (e2ee/).
import type { FromWorker, Questions } from "../e2ee/messages";
import { Problem } from "../e2ee/problem";

interface Waiting {
  resolve(answer: unknown): void;
  reject(problem: Problem): void;
}

export class Asking {
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  ask<Name extends keyof Questions>(
    worker: Pick<Worker, "postMessage">,
    name: Name,
    rest: Questions[Name]["ask"],
  ): Promise<Questions[Name]["answer"]> {
    const id = this.#asked++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    worker.postMessage({ t: "ask", id, question: { name, ...rest } });
    return answer as Promise<Questions[Name]["answer"]>;
  }

  hear(data: FromWorker): void {
    if (data.t !== "answered" && data.t !== "refused") return;
    const waiting = this.#waiting.get(data.id);
    this.#waiting.delete(data.id);
    if (data.t === "answered") waiting?.resolve(data.answer);
    else waiting?.reject(new Problem(data.code, data.detail));
  }

  /** Nobody answers any more. */
  end(problem: Problem): void {
    for (const waiting of this.#waiting.values()) waiting.reject(problem);
    this.#waiting.clear();
  }
}
