// Responsible for: the worker's door: loads the core, and hands messages and frames on.
// Not responsible for: a meeting (session.ts) or questions outside of one (founding.ts).
import { Founding } from "./founding";
import { Keystore } from "./keystore";
import type { FromWorker, ToWorker } from "./messages";
import init, * as core from "./pkg/ringfence_wasm.js";
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
const session = new Session(tell);

const ready = Promise.all([
  init().catch((thrown: unknown) => Promise.reject(asProblem(thrown, CODES.core))),
  Keystore.open().catch((thrown: unknown) => Promise.reject(asProblem(thrown, CODES.storage))),
]).then(([, keystore]) => ({ keystore, founding: new Founding(core, keystore) }));
ready.catch(() => undefined); // told to whoever asks for something

async function open({ meeting, fragment }: ToWorker & { t: "open" }): Promise<void> {
  try {
    const { keystore } = await ready;
    const make = (config: string, now: number) => new core.Participant(config, now);
    await session.open(meeting, fragment, keystore, make);
  } catch (thrown) {
    const { code, detail } = asProblem(thrown, CODES.core);
    tell({ t: "event", event: { t: "problem", code, detail, fatal: true } });
    tell({ t: "event", event: { t: "phase", phase: "stopped", code } });
  }
}

async function answer({ id, question }: ToWorker & { t: "ask" }): Promise<void> {
  try {
    const { founding } = await ready;
    tell({ t: "answered", id, answer: await founding.answer(question) });
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
