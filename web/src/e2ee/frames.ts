// Responsible for: what becomes of one encoded frame: sealed, opened, or dropped and counted.
// Not responsible for: where frames come from (transforms.ts), keys (keyring.ts).
import type { Bytes } from "./bytes";
import { concat } from "./bytes";
import type { KeyRing } from "./keyring";
import { readKid, type StreamContext } from "./kid";
import { decodeHeader, type Header } from "./sframe";

export type Kind = "audio" | "video";

/** What a frame is in: every frame says so itself, since a line may change it. */
export type Codec = "opus" | "vp8" | "vp9";

/** Of a kind only these are agreed on. A browser that does not name the codec knows no other than the first. */
export function codecOf(kind: Kind, mimeType: string | undefined): Codec {
  if (kind === "audio") return "opus";
  return mimeType?.toLowerCase() === "video/vp9" ? "vp9" : "vp8";
}

/** Whose stream a receiving line carries, by the server's word; the KID has to agree. */
export interface Slot {
  leaf: number;
  context: number;
}

export interface Clock {
  now(): number;
  after(milliseconds: number): Promise<void>;
}

/** Why a frame was dropped. */
export type Drop = "closed" | "empty" | "malformed" | "slot" | "key" | "replay" | "forged";

export type Outcome = { data: Bytes } | { drop: Drop };

/** How long a frame waits for keys or for the word whose it is (protocol.md, "Media keys"). */
const PATIENCE_MS = 500;
/** How many KIDs may be remembered as hopeless before they are all tried again. */
const HOPELESS = 256;

/**
 * What the packetizer and the decoder's front read, and so what must stay readable: the VP8 frame
 * tag, with the start code and the size of a key frame (RFC 6386 section 9.1). Authenticated. Of
 * VP9 they read nothing: its layers and key frames are told by the Dependency Descriptor.
 */
export function clearBytes(codec: Codec, data: Uint8Array): number {
  if (codec !== "vp8") return 0;
  return ((data[0] ?? 0) & 1) === 0 ? 10 : 1;
}

export const isVp8Key = (data: Uint8Array): boolean =>
  data.length > 0 && ((data[0] ?? 1) & 1) === 0;

interface Change {
  happened: Promise<void>;
  happen(): void;
}

function change(): Change {
  let happen = (): void => undefined;
  const happened = new Promise<void>((resolve) => (happen = resolve));
  return { happened, happen };
}

/** Closed until it is opened: until then nothing passes, in either direction. */
export class Frames {
  readonly counts = { sealed: 0, opened: 0, dropped: {} as Partial<Record<Drop, number>> };
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #hopeless = new Set<number>();
  #open = false;
  /** What comes before the first opening, with the connection just made, may wait for it; later nothing does. */
  #opened = false;
  #changed = change();

  constructor(ring: KeyRing, clock: Clock) {
    this.#ring = ring;
    this.#clock = clock;
  }

  isOpen(): boolean {
    return this.#open;
  }

  setOpen(open: boolean): void {
    this.#open = open;
    this.#opened ||= open;
    this.reconsider();
  }

  /** Keys or slots changed: frames that wait are looked at again. */
  reconsider(): void {
    this.#hopeless.clear();
    this.#changed.happen();
    this.#changed = change();
  }

  async seal(context: StreamContext, codec: Codec, data: Bytes): Promise<Outcome> {
    if (!this.isOpen()) return this.#drop("closed");
    if (data.length === 0) return this.#drop("empty");
    const pending = this.#ring.sealing(context, this.#clock.now());
    if (pending === null) return this.#drop("key");
    const metadata = data.subarray(0, clearBytes(codec, data));
    let sealed: Bytes;
    try {
      sealed = await (await pending).seal(metadata, data.subarray(metadata.length));
    } catch {
      return this.#drop("key"); // used up, or no such stream: nothing goes out in its place
    }
    if (!this.isOpen()) return this.#drop("closed"); // it was closed meanwhile
    this.counts.sealed++;
    return { data: concat(metadata, sealed) };
  }

  async open(slot: () => Slot | null, codec: Codec, data: Bytes): Promise<Outcome> {
    if (!this.isOpen() && this.#opened) return this.#drop("closed");
    if (data.length === 0) return this.#drop("empty");
    const metadata = data.subarray(0, clearBytes(codec, data));
    const sealed = data.subarray(metadata.length);
    let header: Header;
    try {
      header = decodeHeader(sealed);
    } catch {
      return this.#drop("malformed");
    }
    const opener = await this.#opener(header.kid, slot);
    if (typeof opener === "string") return this.#drop(opener);
    if (!opener.replay.fresh(header.ctr)) return this.#drop("replay");
    let plain: Bytes;
    try {
      plain = await opener.key.open(header, metadata, sealed);
    } catch {
      return this.#drop("forged");
    }
    if (!this.isOpen()) return this.#drop("closed");
    if (!opener.replay.mark(header.ctr)) return this.#drop("replay");
    this.counts.opened++;
    return { data: concat(metadata, plain) };
  }

  /** The opener of a KID, waited for if it may still come; else why there is none. */
  async #opener(kid: number, slot: () => Slot | null) {
    const deadline = this.#clock.now() + PATIENCE_MS;
    for (;;) {
      const changed = this.#changed.happened; // before looking: no change is missed
      const found = this.#look(kid, slot());
      if (typeof found !== "string" || (found === "closed" && this.#opened)) return found;
      if (found === "gone") return "key";
      const left = deadline - this.#clock.now();
      if (found === "closed" && left <= 0) return found;
      if (left <= 0 || this.#hopeless.has(kid)) {
        if (this.#hopeless.size >= HOPELESS) this.#hopeless.clear();
        this.#hopeless.add(kid);
        return found === "slot" ? "slot" : "key";
      }
      await Promise.race([changed, this.#clock.after(left)]);
    }
  }

  #look(kid: number, slot: Slot | null) {
    if (!this.isOpen()) return "closed";
    const parts = readKid(kid);
    if (parts === null) return "gone";
    const theirs = slot !== null && slot.leaf === parts.leaf && slot.context === parts.context;
    return theirs ? this.#ring.opening(kid, this.#clock.now()) : "slot";
  }

  #drop(drop: Drop): Outcome {
    this.counts.dropped[drop] = (this.counts.dropped[drop] ?? 0) + 1;
    return { drop };
  }
}
