// Responsible for: one meeting in the worker: the participant, its signatures, clock and keys.
// Not responsible for: sockets and devices (net/), frames (transforms.ts), rules (core/e2ee).
import type { PageEvent } from "../state/events";
import type { Borders } from "./borders";
import type { Bytes } from "./bytes";
import { newClock } from "./clock";
import { Frames, type Clock, type Slot } from "./frames";
import { Holding } from "./holding";
import { KeyRing, type EpochKeys } from "./keyring";
import { publicHalf, sign, type Keystore, type Remembered } from "./keystore";
import type { FromWorker, LineSlot, PageInput, Questions } from "./messages";
import { alone, stranger } from "./pages";
import { asProblem, CODES, Problem } from "./problem";
import { ReceiptDesk } from "./receipt";
import { Transforms } from "./transforms";

/** The WebAssembly participant (core/e2ee), as far as it is used. */
export interface Participant {
  handle(input: string, now: number): void;
  take(): string;
  nextTimeout(): number | undefined;
  loadBorders(file: Uint8Array, now: number): void;
  mediaKey(epoch: number, leaf: number): Uint8Array;
  rehearse(): void;
  free(): void;
}

/** What is remembered of meetings, as far as one under way needs it. */
export type MeetingMemory = Pick<
  Keystore,
  "begin" | "find" | "keep" | "logs" | "see" | "seeLog" | "visit"
>;
export type MakeParticipant = (config: string, now: number) => Participant;

type Output =
  | { t: "send"; message: { t: string } }
  | { t: "sign"; id: unknown; key: "member" | "host" | "owner"; tbs: string }
  | { t: "remember"; seen: unknown }
  | { t: "remember_log"; log: string; size: number; checkpoint: string }
  | { t: "keep"; host_hpke: string }
  | { t: "receipt"; document: string }
  | { t: "answer"; sdp: string }
  | { t: "renew" }
  | { t: "measure" }
  | ({ t: "keys" } & EpochKeys)
  | { t: "media"; open: boolean; why: string }
  | { t: "event"; event: PageEvent };

type Input =
  | PageInput
  | { t: "signed"; id: unknown; signature: string }
  | { t: "receipt"; place: boolean }
  | { t: "tick" };

const COUNTS_EVERY_MS = 1000;

const clock: Clock = {
  now: () => performance.now(),
  after: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

export class Session {
  readonly #tell: (message: FromWorker) => void;
  readonly #now = newClock();
  readonly #ring = new KeyRing();
  readonly #frames = new Frames(this.#ring, clock);
  readonly #slots = new Map<number, Slot>();
  readonly transforms = new Transforms(this.#frames, (line) => this.#slots.get(line) ?? null);
  #keystore: MeetingMemory | null = null;
  #meeting = "";
  #fragment = "";
  #title = "";
  #keys: Remembered | null = null;
  #stranger = false;
  #participant: Participant | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rehearsed = false;
  readonly #receipts = new ReceiptDesk();
  /** How many were asked for. */
  #signatures = 0;
  readonly #borders: Borders;
  readonly #holding = new Holding<Input>(() => this.#loadBorders());

  constructor(tell: (message: FromWorker) => void, borders: Borders) {
    this.#tell = tell;
    this.#borders = borders;
  }

  async open(
    meeting: string,
    given: string | null,
    keystore: MeetingMemory,
    make: MakeParticipant,
  ) {
    this.#keystore = keystore;
    this.#meeting = meeting;
    if (given !== null) await keystore.begin(meeting, given);
    const keys = await keystore.find(meeting);
    const fragment = given ?? keys?.fragment;
    if (keys === null || fragment === undefined) {
      throw new Problem(CODES.noLink, "This device does not know the link of this meeting.");
    }
    this.#fragment = fragment;
    this.#stranger = !(await alone(meeting));
    this.#keys = this.#stranger ? await stranger(keys) : keys;
    const config = {
      meeting,
      key: fragment,
      member_key: await publicHalf(this.#keys.member),
      host_key: this.#keys.host && (await publicHalf(this.#keys.host)),
      host_hpke: this.#keys.hostHpke,
      owner_key: this.#keys.owner && (await publicHalf(this.#keys.owner)),
      name: "",
      seen: this.#keys.seen,
      logs: await keystore.logs(),
    };
    this.#participant = make(JSON.stringify(config), this.#now());
    setInterval(() => this.#everySecond(), COUNTS_EVERY_MS);
    this.#tell({ t: "opened" });
    this.#run();
  }

  handle(input: Input): void {
    if (this.#participant === null) return;
    if (this.#holding.keeps(input, (held) => this.handle(held))) return;
    try {
      this.#participant.handle(JSON.stringify(input), this.#now());
      this.#run();
    } catch (thrown) {
      this.#stop(asProblem(thrown, CODES.core));
    }
  }

  receipt({ place }: Questions["receipt"]["ask"]): Promise<Questions["receipt"]["answer"]> {
    return this.#receipts.make(() => {
      const before = this.#signatures;
      this.handle({ t: "receipt", place });
      return this.#signatures > before;
    });
  }

  setSlots(slots: LineSlot[]): void {
    this.#slots.clear();
    for (const { line, leaf, context } of slots) this.#slots.set(line, { leaf, context });
    this.#frames.reconsider();
  }

  #run(): void {
    const participant = this.#participant;
    if (participant === null) return;
    for (const output of JSON.parse(participant.take()) as Output[]) this.#do(output, participant);
    clearTimeout(this.#timer);
    const next = participant.nextTimeout();
    if (next !== undefined) {
      this.#timer = setTimeout(() => this.handle({ t: "tick" }), Math.max(0, next - this.#now()));
    }
  }

  #do(output: Output, participant: Participant): void {
    switch (output.t) {
      case "send": {
        this.#tell({ t: "send", message: output.message });
        break;
      }
      case "answer": {
        this.#tell({ t: "answer", sdp: output.sdp });
        break;
      }
      case "receipt": {
        this.#receipts.take(output.document);
        break;
      }
      case "measure":
      case "renew": {
        this.#tell({ t: output.t });
        break;
      }
      case "sign":
        return void this.#sign(output);
      case "remember":
        return void this.#keep((keystore) => keystore.see(this.#meeting, output.seen));
      case "remember_log":
        return void this.#keep((keystore) => keystore.seeLog(output));
      case "keep": {
        if (this.#stranger) return; // this member is nobody's after this page
        return void this.#keep((keystore) => keystore.keep(this.#meeting, output.host_hpke));
      }
      case "keys": {
        const mediaKey = (leaf: number) => participant.mediaKey(output.epoch, leaf) as Bytes;
        this.#ring.install(output, mediaKey, clock.now());
        this.#frames.reconsider();
        return;
      }
      case "media": {
        this.#setMedia(output.open);
        break;
      }
      case "event": {
        this.#event(output.event);
        break;
      }
    }
  }

  #setMedia(open: boolean): void {
    const opens = open && !this.#frames.isOpen();
    this.#frames.setOpen(open);
    this.#tell({ t: "event", event: { t: "sending", open } });
    if (opens) this.transforms.refreshCameras();
  }

  #event(event: PageEvent): void {
    if (event.t === "meeting") this.#title = event.title;
    if (event.t === "phase") {
      const link = { fragment: this.#fragment, title: this.#title };
      if (event.phase === "ready") this.#rehearse();
      if (event.phase === "in") {
        void this.#keep((keystore) => keystore.visit(this.#meeting, link));
        void this.#loadBorders();
      }
      if (["left", "removed", "denied", "stopped"].includes(event.phase)) this.#forget();
    }
    this.#tell({ t: "event", event });
  }

  /** Somebody reads where the meeting is held and types their name: time to compile what they would wait for later. */
  #rehearse(): void {
    if (this.#rehearsed) return;
    this.#rehearsed = true;
    setTimeout(() => {
      try {
        this.#participant?.rehearse();
      } catch {
        // Coming in will fail likewise, and say why.
      }
    });
  }

  /** Nothing of the meeting's keys stays once it is over for this device. */
  #forget(): void {
    this.#frames.setOpen(false);
    this.#ring.clear();
  }

  /** Until they are there, round trips rule no country out and prove none. */
  async #loadBorders(): Promise<void> {
    try {
      await this.#borders.load((file) => this.#participant?.loadBorders(file, this.#now()));
      this.#run();
    } catch (thrown) {
      this.#problem(asProblem(thrown, CODES.offline));
    }
  }

  /** The participant failed as it never should: nothing flows on its old word. */
  #stop({ code, detail }: Problem): void {
    this.#participant = null;
    clearTimeout(this.#timer);
    this.#forget();
    this.#tell({ t: "event", event: { t: "problem", code, detail, fatal: true } });
    this.#tell({ t: "event", event: { t: "phase", phase: "stopped", code } });
  }

  async #sign(output: Output & { t: "sign" }): Promise<void> {
    this.#signatures += 1;
    const pair = this.#keys?.[output.key];
    if (pair === null || pair === undefined) {
      this.#problem(new Problem(CODES.core, `There is no ${output.key} key here to sign with.`));
      return;
    }
    try {
      this.handle({ t: "signed", id: output.id, signature: await sign(pair, output.tbs) });
    } catch (thrown) {
      this.#problem(asProblem(thrown, CODES.core));
    }
  }

  async #keep(write: (keystore: MeetingMemory) => Promise<void>): Promise<void> {
    try {
      if (this.#keystore !== null) await write(this.#keystore);
    } catch (thrown) {
      this.#problem(asProblem(thrown, CODES.storage));
    }
  }

  #problem({ code, detail }: Problem): void {
    this.#tell({ t: "event", event: { t: "problem", code, detail, fatal: false } });
  }

  #everySecond(): void {
    this.#ring.expire(clock.now());
    this.#tell({ t: "counts", counts: this.transforms.takeCounts() });
  }
}
