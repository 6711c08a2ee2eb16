// Responsible for: the server and this device outside any meeting, as the page asks for them.
// Not responsible for: keys and fences (the worker) or a meeting under way (meeting.ts).
import type { FromWorker, Questions, ServerWord } from "../e2ee/messages";
import { CODES, Problem } from "../e2ee/problem";
import type {
  Directory,
  FenceChoice,
  FencePreview,
  MeetingChoice,
  NodeInfo,
  Preset,
  RecentMeeting,
} from "../state/client";
import { ask } from "./http";
import { newWorker } from "./worker";

interface Waiting {
  resolve(answer: unknown): void;
  reject(problem: Problem): void;
}

/** Starts the worker with the first question that needs it; the page never waits for it. */
export class ServerDirectory implements Directory {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #asked = 0;
  #word: Promise<ServerWord> | null = null;

  node(): Promise<NodeInfo> {
    return ask<NodeInfo>("/api/v1/node");
  }

  presets(): Promise<Preset[]> {
    return this.#ask("presets", {});
  }

  async previewFence(choice: FenceChoice): Promise<FencePreview> {
    return this.#ask("preview", { choice, server: await this.#server() });
  }

  async createMeeting(choice: MeetingChoice): Promise<{ link: string }> {
    const server = await this.#server();
    const { meeting, charter, draft } = await this.#ask("draft", { choice, server });
    await ask("/api/v1/meetings", { charter });
    const { fragment } = await this.#ask("keep", { draft });
    return { link: `${location.origin}/m/${meeting}#${fragment}` };
  }

  /** Links without a key: this device remembers it. */
  async recent(): Promise<RecentMeeting[]> {
    const rows = await this.#ask("recent", {});
    return rows.map((row) => ({ ...row, link: `${location.origin}/m/${row.meeting}` }));
  }

  #server(): Promise<ServerWord> {
    this.#word ??= ask<ServerWord>("/api/v1/node").then(({ statement, operator: { id, key } }) => ({
      statement,
      operator: { id, key },
    }));
    this.#word.catch(() => (this.#word = null)); // asked again the next time
    return this.#word;
  }

  #ask<Name extends keyof Questions>(
    name: Name,
    rest: Questions[Name]["ask"],
  ): Promise<Questions[Name]["answer"]> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#asked++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    worker.postMessage({ t: "ask", id, question: { name, ...rest } });
    return answer as Promise<Questions[Name]["answer"]>;
  }

  #start(): Worker {
    const worker = newWorker();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.t !== "answered" && data.t !== "refused") return;
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.t === "answered") waiting?.resolve(data.answer);
      else waiting?.reject(new Problem(data.code, data.detail));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const problem = new Problem(CODES.core, event.message || "The worker did not start.");
      for (const waiting of this.#waiting.values()) waiting.reject(problem);
      this.#waiting.clear();
      this.#worker = null;
    };
    return worker;
  }
}
