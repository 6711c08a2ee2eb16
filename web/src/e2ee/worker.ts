// Responsible for: the worker's door: loads what of the core is asked for, and hands messages and frames on.
// Not responsible for: a meeting (session.ts) or questions outside of one (founding.ts).
import { Borders, fetchBorders } from "./borders";
import { Founding } from "./founding";
import { Keystore } from "./keystore";
import type { FromWorker, ToWorker } from "./messages";
import init, { Participant } from "./pkg/ringfence_wasm.js";
import initHome, * as home from "./pkg/ringfence_wasm_home.js";
import { asProblem, CODES } from "./problem";
import { Session } from "./session";
import type { Transformer } from "./transforms";

/** DedicatedWorkerGlobalScope, as far as it is used (the page's types know no worker). */
interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: { data: ToWorker }) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
}

const scope = self as unknown as Scope;
const tell = (message: FromWorker) => scope.postMessage(message);
const session = new Session(tell, new Borders(fetchBorders));

/** Made when it is first asked for; what failed is tried again the next time. */
function once<T>(code: string, make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () =>
    (made ??= make().catch((thrown: unknown) => {
      made = null;
      throw asProblem(thrown, code);
    }));
}

const keystore = once(CODES.storage, () => Keystore.open());
const founding = once(CODES.core, async () => {
  const [shelf] = await Promise.all([keystore(), initHome()]);
  return new Founding(home, shelf, new Borders(fetchBorders));
});

async function open({ meeting, fragment }: ToWorker & { t: "open" }): Promise<void> {
  try {
    const [memory] = await Promise.all([keystore(), init()]);
    const make = (config: string, now: number) => new Participant(config, now);
    await session.open(meeting, fragment, memory, make);
  } catch (thrown) {
    const { code, detail } = asProblem(thrown, CODES.core);
    tell({ t: "event", event: { t: "problem", code, detail, fatal: true } });
    tell({ t: "event", event: { t: "phase", phase: "stopped", code } });
  }
}

async function answer({ id, question }: ToWorker & { t: "ask" }): Promise<void> {
  try {
    const given =
      question.name === "receipt"
        ? await session.receipt(question)
        : await (await founding()).answer(question);
    tell({ t: "answered", id, answer: given });
  } catch (thrown) {
    const { code, detail } = asProblem(thrown, CODES.core);
    tell({ t: "refused", id, code, detail });
  }
}

scope.onmessage = ({ data }) => {
  switch (data.t) {
    case "open":
      return void open(data);
    case "input": {
      session.handle(data.input);
      break;
    }
    case "slots": {
      session.setSlots(data.slots);
      break;
    }
    case "ask":
      return void answer(data);
  }
};

// At once, before anything is loaded: a frame that finds no transform must find no way out.
scope.onrtctransform = ({ transformer }) => session.transforms.attach(transformer);
