// Responsible for: what this device remembers of its meetings, in IndexedDB: keys, link, seen.
// Not responsible for: using any of it (session.ts, founding.ts).
import { fromBase64url, toBase64url, type Bytes } from "./bytes";
import { CODES, Problem } from "./problem";

/** Text under the device's wrapping key: not readable from a copy of the database's strings. */
interface Wrapped {
  iv: Bytes;
  sealed: ArrayBuffer;
}

/** Secrets are WebCrypto keys that cannot be exported, or wrapped by one. */
interface Row {
  meeting: string;
  member: CryptoKeyPair;
  /** Signs charters, and as host admissions and removals; where the meeting was made, or its key file imported. */
  owner: CryptoKeyPair | null;
  host: CryptoKeyPair | null;
  hostHpke: Wrapped | null;
  fragment: Wrapped;
  title: Wrapped | null;
  /** What the participant asks to remember, so that nothing older is accepted later. */
  seen: unknown;
  /** Milliseconds since 1970. */
  visited: number | null;
}

/** The newest checkpoint of a log of routes that this device saw, so that nobody shows it another story. */
export interface SeenLog {
  /** Its name and key in one line. */
  log: string;
  size: number;
  checkpoint: string;
}

/** One meeting's secrets, unwrapped, for the worker only. */
export interface Remembered {
  member: CryptoKeyPair;
  owner: CryptoKeyPair | null;
  host: CryptoKeyPair | null;
  hostHpke: string | null;
  fragment: string;
  seen: unknown;
}

export interface Founded {
  meeting: string;
  owner: CryptoKeyPair;
  host: CryptoKeyPair;
  hostHpke: string;
  fragment: string;
  title: string;
}

const ED25519 = { name: "Ed25519" };

export async function newSigningKey(): Promise<CryptoKeyPair> {
  try {
    return (await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"])) as CryptoKeyPair;
  } catch (thrown) {
    throw new Problem(CODES.noKeys, String(thrown));
  }
}

export async function publicHalf(pair: CryptoKeyPair): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
}

/** Signs bytes given as base64url. */
export async function sign(pair: CryptoKeyPair, message: string): Promise<string> {
  const signature = await crypto.subtle.sign(ED25519, pair.privateKey, fromBase64url(message));
  return toBase64url(new Uint8Array(signature));
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database refused"));
  });
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open("ringfence", 2);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) {
      request.result.createObjectStore("meetings", { keyPath: "meeting" });
      request.result.createObjectStore("device");
    }
    request.result.createObjectStore("logs", { keyPath: "log" });
  };
  // An older page of ours holds the database as it was, until it is closed.
  const blocked = new Promise<never>((_, reject) => {
    request.onblocked = () => reject(new Error("another tab has an older version open: close it"));
  });
  const database = await Promise.race([done(request), blocked]);
  database.onversionchange = () => database.close();
  return database;
}

export class Keystore {
  readonly #database: IDBDatabase;
  readonly #wrapping: CryptoKey;

  private constructor(database: IDBDatabase, wrapping: CryptoKey) {
    this.#database = database;
    this.#wrapping = wrapping;
  }

  static async open(): Promise<Keystore> {
    const database = await openDatabase();
    const aes = { name: "AES-GCM", length: 256 };
    const made = await crypto.subtle.generateKey(aes, false, ["encrypt", "decrypt"]);
    // One transaction: of two pages that start at once, the second takes the first's key.
    const store = database.transaction("device", "readwrite").objectStore("device");
    const found = (await done(store.get("wrapping"))) as CryptoKey | undefined;
    if (found === undefined) await done(store.put(made, "wrapping"));
    return new Keystore(database, found ?? made);
  }

  /** Null when this device does not know the meeting. */
  async find(meeting: string): Promise<Remembered | null> {
    const row = await this.#row(meeting);
    if (row === undefined) return null;
    return {
      member: row.member,
      owner: row.owner,
      host: row.host,
      hostHpke: row.hostHpke && (await this.#unwrap(row.hostHpke)),
      fragment: await this.#unwrap(row.fragment),
      seen: row.seen,
    };
  }

  /** A guest's record with a member key of its own, where there is none yet. */
  async begin(meeting: string, fragment: string): Promise<void> {
    const wrapped = await this.#wrap(fragment);
    const member = await newSigningKey();
    await this.#change(meeting, (row) => row ?? blank(meeting, member, wrapped));
  }

  async found(founded: Founded): Promise<void> {
    const { meeting, owner, host } = founded;
    const fragment = await this.#wrap(founded.fragment);
    const hostHpke = await this.#wrap(founded.hostHpke);
    const title = await this.#wrap(founded.title);
    const row = blank(meeting, await newSigningKey(), fragment);
    await this.#change(meeting, () => ({
      ...row,
      owner,
      host,
      hostHpke,
      title,
      visited: Date.now(),
    }));
  }

  /** From a key file. False: this device has its keys already, and nothing is changed. */
  async adopt(founded: Founded): Promise<boolean> {
    const { meeting, owner, host } = founded;
    const known = await this.#row(meeting);
    if (known?.visited != null && (await this.#unwrap(known.fragment)) !== founded.fragment) {
      throw new Problem(CODES.keyFileOtherLink, "Nothing was changed.");
    }
    if (known?.owner) return false;
    const fragment = await this.#wrap(founded.fragment);
    const hostHpke = await this.#wrap(founded.hostHpke);
    const title = await this.#wrap(founded.title);
    // A key of its own: who was a guest here comes in as the host, not back as the guest.
    const member = await newSigningKey();
    const keys = { owner, host, hostHpke, fragment, title, member, visited: Date.now() };
    await this.#change(meeting, (row) => ({
      ...(row ?? blank(meeting, member, fragment)),
      ...keys,
    }));
    return true;
  }

  async see(meeting: string, seen: unknown): Promise<void> {
    await this.#change(meeting, (row) => row && { ...row, seen });
  }

  /** Of all logs: the newest checkpoint of each. */
  async logs(): Promise<Record<string, string>> {
    const store = this.#database.transaction("logs").objectStore("logs");
    const rows = (await done(store.getAll())) as SeenLog[];
    return Object.fromEntries(rows.map(({ log, checkpoint }) => [log, checkpoint]));
  }

  /** Another page of this device may have seen more of it. */
  async seeLog({ log, size, checkpoint }: SeenLog): Promise<void> {
    const store = this.#database.transaction("logs", "readwrite").objectStore("logs");
    const known = (await done(store.get(log))) as SeenLog | undefined;
    if (known === undefined || known.size < size) await done(store.put({ log, size, checkpoint }));
  }

  /** What names of knocks are sealed to, for a member whom the owner may make a host. */
  async keep(meeting: string, hostHpke: string): Promise<void> {
    const wrapped = await this.#wrap(hostHpke);
    await this.#change(meeting, (row) => row && { ...row, hostHpke: row.hostHpke ?? wrapped });
  }

  /** This device was let in: the link is good, and the meeting is among the recent ones. */
  async visit(meeting: string, link: { fragment: string; title: string }): Promise<void> {
    const fragment = await this.#wrap(link.fragment);
    const title = await this.#wrap(link.title);
    await this.#change(meeting, (row) => row && { ...row, fragment, title, visited: Date.now() });
  }

  /** Newest first. */
  async recent(): Promise<{ meeting: string; title: string; at: number; owner: boolean }[]> {
    const store = this.#database.transaction("meetings").objectStore("meetings");
    const rows = (await done(store.getAll())) as Row[];
    const visited = rows.flatMap(({ meeting, title, visited: at, owner }) =>
      title === null || at === null ? [] : [{ meeting, title, at, owner: owner !== null }],
    );
    visited.sort((a, b) => b.at - a.at);
    const open = visited.map(async (row) => ({ ...row, title: await this.#unwrap(row.title) }));
    return Promise.all(open);
  }

  async #row(meeting: string): Promise<Row | undefined> {
    const store = this.#database.transaction("meetings").objectStore("meetings");
    return (await done(store.get(meeting))) as Row | undefined;
  }

  async #change(meeting: string, next: (row: Row | undefined) => Row | undefined): Promise<void> {
    const store = this.#database.transaction("meetings", "readwrite").objectStore("meetings");
    const row = next((await done(store.get(meeting))) as Row | undefined);
    if (row !== undefined) await done(store.put(row));
  }

  async #wrap(text: string): Promise<Wrapped> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = new TextEncoder().encode(text);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.#wrapping, bytes);
    return { iv, sealed };
  }

  async #unwrap({ iv, sealed }: Wrapped): Promise<string> {
    const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.#wrapping, sealed);
    return new TextDecoder().decode(bytes);
  }
}

function blank(meeting: string, member: CryptoKeyPair, fragment: Wrapped): Row {
  const nothing = {
    owner: null,
    host: null,
    hostHpke: null,
    title: null,
    seen: null,
    visited: null,
  };
  return { meeting, member, fragment, ...nothing };
}
