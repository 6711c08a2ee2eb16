// Responsible for: questions outside any meeting: fences, new meetings, recent ones, key files; in the worker.
// Not responsible for: asking the server (net/directory.ts) or a meeting under way (session.ts).
import type { FenceChoice, FencePreview, MeetingChoice, Preset } from "../state/client";
import type { Borders } from "./borders";
import { fromBase64url, toBase64url } from "./bytes";
import { copied, locked, namesOwner, newCopyableKey, pasted } from "./copying";
import { damaged, nameOf, openKeyFile, readHeader, sealKeyFile, type DeriveKey } from "./keyfile";
import { publicHalf, type Founded, type Keystore } from "./keystore";
import type { Question, Questions, ServerWord } from "./messages";
import { asProblem, CODES, Problem } from "./problem";

/** The WebAssembly functions that this needs (core/wasm-home). */
export interface Core {
  presets(): string;
  previewFence(json: string): string;
  newMeeting(json: string): string;
  loadBorders(file: Uint8Array): void;
  toBeSigned(label: string, payload: Uint8Array): Uint8Array;
  assemble(payload: Uint8Array, signature: Uint8Array): Uint8Array;
  readonly passphraseKey: DeriveKey;
}

/** What is remembered of meetings, as far as these questions need it. */
export type MeetingShelf = Pick<Keystore, "adopt" | "found" | "recent">;

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
  readonly #keystore: MeetingShelf;
  readonly #borders: Borders;
  /** With keys that can still be copied, until they are dropped. */
  readonly #drafts = new Map<number, Founded>();
  #drafted = 0;

  constructor(core: Core, keystore: MeetingShelf, borders: Borders) {
    this.#core = core;
    this.#keystore = keystore;
    this.#borders = borders;
  }

  async answer(question: Exclude<Question, { name: "receipt" }>): Promise<unknown> {
    switch (question.name) {
      case "presets":
        return JSON.parse(this.#core.presets()) as Preset[];
      case "preview":
        return this.#preview(question.choice, question.server);
      case "draft":
        return this.#draft(question.choice, question.server);
      case "keep":
        return this.#keep(question.draft);
      case "copy":
        return this.#copy(question);
      case "drop":
        this.#drafts.delete(question.draft);
        return null;
      case "header":
        return readHeader(question.file);
      case "import":
        return this.#import(question);
      case "recent":
        return this.#keystore.recent();
    }
  }

  async #preview(choice: FenceChoice, server: ServerWord): Promise<FencePreview> {
    // What beacons measured proves nothing without them.
    if (server.transcripts.length > 0)
      await this.#borders.load((file) => this.#core.loadBorders(file));
    const now = Math.floor(Date.now() / 1000);
    const ask = { ...choice, ...server, now };
    return JSON.parse(this.#core.previewFence(JSON.stringify(ask))) as FencePreview;
  }

  async #draft(choice: MeetingChoice, server: ServerWord) {
    const [owner, host] = await Promise.all([newCopyableKey(), newCopyableKey()]);
    const ask = {
      owner_key: await publicHalf(owner),
      host_key: await publicHalf(host),
      title: choice.title,
      admission: choice.admission,
      policy: (await this.#preview(choice.fence, server)).policy,
      operator: server.operator,
      log: server.log,
      data: server.data,
      beacons: choice.fence.beacons,
      participants: PARTICIPANTS,
      now: Math.floor(Date.now() / 1000),
    };
    const made = JSON.parse(this.#core.newMeeting(JSON.stringify(ask))) as Draft;
    const payload = fromBase64url(made.payload);
    const signed = this.#core.toBeSigned("ringfence charter v1", payload);
    const signature = await crypto.subtle.sign("Ed25519", owner.privateKey, new Uint8Array(signed));
    const charter = this.#core.assemble(payload, new Uint8Array(signature));
    const { meeting, key: fragment, host_hpke: hostHpke } = made;
    const draft = this.#drafted++;
    this.#drafts.set(draft, { meeting, owner, host, hostHpke, fragment, title: choice.title });
    return { meeting, charter: toBase64url(charter), draft };
  }

  /** What the device keeps cannot be copied. */
  async #keep(draft: number): Promise<{ fragment: string }> {
    const founded = this.#drafts.get(draft);
    if (founded === undefined) throw new Problem(CODES.core, "There is no such draft.");
    const [owner, host] = await Promise.all([locked(founded.owner), locked(founded.host)]);
    await stored(this.#keystore.found({ ...founded, owner, host }));
    return { fragment: founded.fragment };
  }

  async #copy({ draft, server, passphrase }: Questions["copy"]["ask"]) {
    const founded = this.#drafts.get(draft);
    if (founded === undefined) throw new Problem(CODES.keysLocked, "Its window was closed.");
    const { meeting, hostHpke, fragment, title } = founded;
    const [owner, host] = await Promise.all([copied(founded.owner), copied(founded.host)]);
    const secrets = { owner, host, host_hpke: hostHpke, fragment, title };
    const derive = this.#core.passphraseKey;
    const text = await sealKeyFile({ server, meeting }, secrets, passphrase, derive);
    return { name: nameOf(meeting), text };
  }

  async #import({ file, passphrase }: Questions["import"]["ask"]) {
    const opened = await openKeyFile(file, passphrase, this.#core.passphraseKey);
    const { meeting, fragment, title, host_hpke: hostHpke } = opened;
    const [owner, host] = await Promise.all([pasted(opened.owner), pasted(opened.host)]);
    if (!(await namesOwner(fragment, owner))) throw damaged();
    const founded = { meeting, owner, host, hostHpke, fragment, title };
    const added = await stored(this.#keystore.adopt(founded));
    return { meeting, title, known: !added };
  }
}

/** Whatever the browser's storage throws has one meaning for people. */
async function stored<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (thrown) {
    throw asProblem(thrown, CODES.storage);
  }
}
