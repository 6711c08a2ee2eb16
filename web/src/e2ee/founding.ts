// Responsible for: questions outside any meeting: fences, new meetings, recent ones; in the worker.
// Not responsible for: asking the server (net/directory.ts) or a meeting under way (session.ts).
import type { FenceChoice, FencePreview, MeetingChoice, Preset } from "../state/client";
import { fromBase64url, toBase64url } from "./bytes";
import { newSigningKey, publicHalf, type Founded, type Keystore } from "./keystore";
import type { Question, ServerWord } from "./messages";
import { CODES, Problem } from "./problem";

/** The WebAssembly functions that this needs (core/wasm). */
export interface Core {
  presets(): string;
  previewFence(json: string): string;
  newMeeting(json: string): string;
  toBeSigned(label: string, payload: Uint8Array): Uint8Array;
  assemble(payload: Uint8Array, signature: Uint8Array): Uint8Array;
}

/** More than this in one room is not promised yet. */
const PARTICIPANTS = 50;

interface Draft {
  meeting: string;
  key: string;
  payload: string;
  host_hpke: string;
}

export class Founding {
  readonly #core: Core;
  readonly #keystore: Keystore;
  readonly #drafts: Founded[] = [];

  constructor(core: Core, keystore: Keystore) {
    this.#core = core;
    this.#keystore = keystore;
  }

  async answer(question: Question): Promise<unknown> {
    switch (question.name) {
      case "presets":
        return JSON.parse(this.#core.presets()) as Preset[];
      case "preview":
        return this.#preview(question.choice, question.server);
      case "draft":
        return this.#draft(question.choice, question.server);
      case "keep":
        return this.#keep(question.draft);
      case "recent":
        return this.#keystore.recent();
    }
  }

  #preview(choice: FenceChoice, server: ServerWord): FencePreview {
    const now = Math.floor(Date.now() / 1000);
    const ask = { ...choice, ...server, now };
    return JSON.parse(this.#core.previewFence(JSON.stringify(ask))) as FencePreview;
  }

  async #draft(choice: MeetingChoice, server: ServerWord) {
    const [owner, host] = await Promise.all([newSigningKey(), newSigningKey()]);
    const ask = {
      owner_key: await publicHalf(owner),
      host_key: await publicHalf(host),
      title: choice.title,
      admission: choice.admission,
      policy: this.#preview(choice.fence, server).policy,
      operator: server.operator,
      participants: PARTICIPANTS,
      now: Math.floor(Date.now() / 1000),
    };
    const made = JSON.parse(this.#core.newMeeting(JSON.stringify(ask))) as Draft;
    const payload = fromBase64url(made.payload);
    const signed = this.#core.toBeSigned("ringfence charter v1", payload);
    const signature = await crypto.subtle.sign("Ed25519", owner.privateKey, new Uint8Array(signed));
    const charter = this.#core.assemble(payload, new Uint8Array(signature));
    const { meeting, key: fragment, host_hpke: hostHpke } = made;
    const draft = this.#drafts.push({
      meeting,
      owner,
      host,
      hostHpke,
      fragment,
      title: choice.title,
    });
    return { meeting, charter: toBase64url(charter), draft: draft - 1 };
  }

  async #keep(draft: number): Promise<{ fragment: string }> {
    const founded = this.#drafts[draft];
    if (founded === undefined) throw new Problem(CODES.core, "There is no such draft.");
    await this.#keystore.found(founded);
    return { fragment: founded.fragment };
  }
}
