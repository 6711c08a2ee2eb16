// Responsible for: the server and this device outside any meeting, as the page asks for them.
// Not responsible for: keys and fences (the worker) or a meeting under way (meeting.ts).
import type { FromWorker, Questions, ServerWord } from "../e2ee/messages";
import { LONGEST } from "../e2ee/keyfile";
import { CODES, Problem } from "../e2ee/problem";
import type {
  Directory,
  FenceChoice,
  FencePreview,
  ImportedMeeting,
  KeyFile,
  MeetingChoice,
  NodeInfo,
  Preset,
  RecentMeeting,
} from "../state/client";
import { Asking } from "./asking";
import { ask, refusalOf } from "./http";
import { newWorker } from "./worker";

const NO_SUCH_MEETING = "RF1101";

interface NodeWord extends Omit<ServerWord, "data"> {
  data: { digest: string }[];
}

/** Starts the worker with the first question that needs it; the page never waits for it. */
export class ServerDirectory implements Directory {
  readonly #asking = new Asking();
  #worker: Worker | null = null;
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

  async createMeeting(choice: MeetingChoice): Promise<{ link: string; draft: number }> {
    const server = await this.#server();
    const { meeting, charter, draft } = await this.#ask("draft", { choice, server });
    try {
      await ask("/api/v1/meetings", { charter });
      const { fragment } = await this.#ask("keep", { draft });
      return { link: `${location.origin}/m/${meeting}#${fragment}`, draft };
    } catch (thrown) {
      this.lockKeys(draft);
      throw thrown;
    }
  }

  copyKeys(draft: number, passphrase: string): Promise<KeyFile> {
    return this.#ask("copy", { draft, passphrase, server: location.origin });
  }

  lockKeys(draft: number): void {
    // A worker that is gone has taken them along.
    this.#ask("drop", { draft }).catch(() => undefined);
  }

  async importMeeting(chosen: Blob, passphrase: string): Promise<ImportedMeeting> {
    const file = await textOf(chosen);
    const { server, meeting } = await this.#ask("header", { file });
    if (server !== location.origin) await knownHere(meeting, server);
    const { title, known } = await this.#ask("import", { file, passphrase });
    return { title, known, link: `${location.origin}/m/${meeting}` };
  }

  /** Links without a key: this device remembers it. */
  async recent(): Promise<RecentMeeting[]> {
    const rows = await this.#ask("recent", {});
    return rows.map((row) => ({ ...row, link: `${location.origin}/m/${row.meeting}` }));
  }

  forget(): void {
    this.#word = null;
  }

  /** Ends the worker, with all that it holds. */
  close(): void {
    this.forget();
    this.#end(new Problem(CODES.core, "The meeting is over."));
  }

  #server(): Promise<ServerWord> {
    if (this.#word !== null) return this.#word;
    const word = ask<NodeWord>("/api/v1/node").then(
      ({ statement, operator: { id, key }, log, data, located, transcripts }) => ({
        statement,
        operator: { id, key },
        log,
        data: data.map(({ digest }) => digest),
        located,
        transcripts,
      }),
    );
    word.catch(() => this.#word === word && this.forget()); // asked again the next time
    return (this.#word = word);
  }

  #ask<Name extends keyof Questions>(
    name: Name,
    rest: Questions[Name]["ask"],
  ): Promise<Questions[Name]["answer"]> {
    return this.#asking.ask((this.#worker ??= this.#start()), name, rest);
  }

  #start(): Worker {
    const worker = newWorker();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#asking.hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Problem(CODES.core, event.message || "The worker did not start."));
    };
    return worker;
  }

  #end(problem: Problem): void {
    this.#asking.end(problem);
    this.#worker?.terminate();
    this.#worker = null;
  }
}

async function textOf(file: Blob): Promise<string> {
  if (file.size > LONGEST) throw new Problem(CODES.keyFileUnknown, "It is too long.");
  try {
    return await file.text();
  } catch (thrown) {
    throw new Problem(CODES.keyFileUnknown, String(thrown));
  }
}

/** A server may have got another address; then it still knows its meetings. */
async function knownHere(meeting: string, server: string): Promise<void> {
  const refusal = await refusalOf(`/api/v1/meetings/${meeting}`);
  if (refusal === null) return;
  const elsewhere = new Problem(CODES.keyFileElsewhere, `It was made on ${server}.`);
  throw refusal.code === NO_SUCH_MEETING ? elsewhere : refusal;
}
