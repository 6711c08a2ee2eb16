// Responsible for: which media keys exist now: of which epochs, until when, and which one seals.
// Not responsible for: how keys are made (sframe.ts, core) or what frames they open (frames.ts).
import { toBase64url, type Bytes } from "./bytes";
import { EPOCHS, kidOf, readKid, type StreamContext } from "./kid";
import { ReplayWindow } from "./replay";
import { BaseKey, Counter, type OpeningKey, type SealingKey } from "./sframe";

/** The participant's word that an epoch's keys can be had. */
export interface EpochKeys {
  epoch: number;
  own_leaf: number;
  leaves: { leaf: number }[];
  /** How long keys of older epochs still open. */
  close_old_after_ms: number;
  /** How long the older epoch's key may still seal; 0 after a removal. */
  switch_after_ms: number;
}

interface Opener {
  key: OpeningKey;
  replay: ReplayWindow;
}

interface Base {
  key: BaseKey;
  /** SHA-256 of the bytes: tells one key from another without holding them. */
  name: Promise<string>;
}

interface Epoch {
  bases: Map<number, Base>;
  openers: Map<number, Promise<Opener>>;
  /** By base key and KID: the same keys, given again, do not forget what they opened. */
  windows: Map<string, ReplayWindow>;
  until: number;
}

interface Sender {
  base: Base;
  epoch: number;
  leaf: number;
  keys: Map<StreamContext, Promise<SealingKey>>;
}

export class KeyRing {
  readonly #epochs = new Map<number, Epoch>();
  /** By base key and KID, for as long as the page lives: a counter is never begun twice. */
  readonly #counters = new Map<string, Counter>();
  /** The epoch installed last, as far as a KID tells it. */
  #newest: number | null = null;
  #current: Sender | null = null;
  #next: { sender: Sender; at: number } | null = null;

  /** `mediaKey` gives a sender's base key; its bytes are wiped here. */
  install(keys: EpochKeys, mediaKey: (leaf: number) => Bytes, now: number): void {
    for (const epoch of this.#epochs.values()) {
      epoch.until = Math.min(epoch.until, now + keys.close_old_after_ms);
    }
    const bases = new Map<number, Base>();
    for (const { leaf } of keys.leaves) {
      if (leaf !== keys.own_leaf) bases.set(leaf, take(mediaKey(leaf)));
    }
    const slot = keys.epoch % EPOCHS;
    const windows = this.#epochs.get(slot)?.windows ?? new Map<string, ReplayWindow>();
    this.#epochs.set(slot, { bases, openers: new Map(), windows, until: Infinity });
    this.#newest = slot;
    const base = take(mediaKey(keys.own_leaf));
    const sender = { base, epoch: keys.epoch, leaf: keys.own_leaf, keys: new Map() };
    this.#changeSender(sender, now + keys.switch_after_ms, now);
    this.expire(now);
  }

  /** The key to seal this stream with now; null when there is none. */
  sealing(context: StreamContext, now: number): Promise<SealingKey> | null {
    if (this.#next !== null && now >= this.#next.at) {
      this.#current = this.#next.sender;
      this.#next = null;
    }
    const sender = this.#current;
    if (sender === null) return null;
    let key = sender.keys.get(context);
    if (key === undefined) {
      key = this.#seal(sender, context);
      sender.keys.set(context, key);
    }
    return key;
  }

  /** "unknown": may come yet. "gone": will not. */
  opening(kid: number, now: number): Promise<Opener> | "unknown" | "gone" {
    this.expire(now);
    const parts = readKid(kid);
    if (parts === null) return "gone";
    const epoch = this.#epochs.get(parts.epoch);
    if (epoch === undefined) return this.#isAhead(parts.epoch) ? "unknown" : "gone";
    const base = epoch.bases.get(parts.leaf);
    if (base === undefined) return "gone";
    let opener = epoch.openers.get(kid);
    if (opener === undefined) {
      opener = open(base, kid, epoch.windows);
      epoch.openers.set(kid, opener);
    }
    return opener;
  }

  /** Forgets the keys whose time is over. */
  expire(now: number): void {
    for (const [slot, epoch] of this.#epochs) {
      if (epoch.until <= now) this.#epochs.delete(slot);
    }
  }

  clear(): void {
    this.#epochs.clear();
    this.#newest = null;
    this.#current = null;
    this.#next = null;
  }

  /** Epochs are merged in order: of those before the newest, none is still to come. */
  #isAhead(epoch: number): boolean {
    return this.#newest === null || (epoch - this.#newest + EPOCHS) % EPOCHS < EPOCHS / 2;
  }

  #changeSender(sender: Sender, at: number, now: number): void {
    // Nothing to wait for without an older key; and a second change never delays the first.
    if (this.#current === null || at <= now) {
      this.#current = sender;
      this.#next = null;
    } else {
      this.#next = { sender, at: Math.min(at, this.#next?.at ?? Infinity) };
    }
  }

  async #seal(sender: Sender, context: StreamContext): Promise<SealingKey> {
    const kid = kidOf({ context, leaf: sender.leaf, epoch: sender.epoch });
    const name = `${await sender.base.name} ${kid}`;
    const counter = this.#counters.get(name) ?? new Counter();
    this.#counters.set(name, counter);
    return sender.base.key.sealing(kid, counter);
  }
}

/** Takes the bytes and wipes them; WebCrypto has copied them when its calls return. */
function take(bytes: Bytes): Base {
  const name = crypto.subtle
    .digest("SHA-256", bytes)
    .then((hash) => toBase64url(new Uint8Array(hash)));
  return { key: new BaseKey(bytes), name };
}

async function open(base: Base, kid: number, windows: Epoch["windows"]): Promise<Opener> {
  const key = await base.key.opening(kid);
  const name = `${await base.name} ${kid}`;
  const replay = windows.get(name) ?? new ReplayWindow();
  windows.set(name, replay);
  return { key, replay };
}
