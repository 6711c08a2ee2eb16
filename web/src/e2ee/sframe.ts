// Responsible for: SFrame (RFC 9605) with AES_128_GCM_SHA256_128: headers, keys, sealing, opening.
// Not responsible for: which key is used when (keyring.ts), or what becomes of a frame (frames.ts).
import { concat, type Bytes } from "./bytes";

/** RFC 9605 section 8.1: AES_128_GCM_SHA256_128. */
const SUITE = 0x0004;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

export interface Header {
  kid: number;
  ctr: number;
  /** Bytes that the header takes. */
  size: number;
}

/** What arrived is not a frame of this protocol. */
export class NotSFrame extends Error {}

/** Big-endian, in as few bytes as the value needs. */
function shortest(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.unshift(value % 256);
    value = Math.floor(value / 256);
  } while (value > 0);
  return bytes;
}

/** RFC 9605 section 4.3: a value below 8 sits in the config byte, others follow it. */
export function encodeHeader(kid: number, ctr: number): Bytes {
  const tail = (value: number) => (value < 8 ? [] : shortest(value));
  const nibble = (value: number, bytes: number[]) => (value < 8 ? value : 8 | (bytes.length - 1));
  const [kidBytes, ctrBytes] = [tail(kid), tail(ctr)];
  const config = (nibble(kid, kidBytes) << 4) | nibble(ctr, ctrBytes);
  return new Uint8Array([config, ...kidBytes, ...ctrBytes]);
}

/** Only the shortest form is taken, and only values that a number holds exactly. */
export function decodeHeader(data: Uint8Array): Header {
  let at = 1;
  const byte = (index: number): number => {
    const value = data[index];
    if (value === undefined) throw new NotSFrame("the header is cut short");
    return value;
  };
  const field = (nibble: number): number => {
    if (nibble < 8) return nibble;
    const length = (nibble & 7) + 1;
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + byte(at++);
    if (!Number.isSafeInteger(value)) throw new NotSFrame("the header's value is too large");
    if (value < 8 || shortest(value).length !== length) {
      throw new NotSFrame("the header's value is not in its shortest form");
    }
    return value;
  };
  const config = byte(0);
  const kid = field(config >> 4);
  const ctr = field(config & 15);
  if (data.length < at + TAG_BYTES) throw new NotSFrame("the frame is shorter than its tag");
  return { kid, ctr, size: at };
}

/** RFC 9605 section 4.4.3: the salt, xored with the counter at its end. */
function nonce(salt: Bytes, ctr: number): Bytes {
  const out = salt.slice();
  for (let at = NONCE_BYTES - 1; ctr > 0; at--) {
    out[at] = (out[at] ?? 0) ^ (ctr % 256);
    ctr = Math.floor(ctr / 256);
  }
  return out;
}

/** The counter of one key. It outlives the key object, so that no second object starts anew. */
export class Counter {
  #next: number;

  constructor(first = 0) {
    this.#next = first;
  }

  take(): number {
    if (!Number.isSafeInteger(this.#next)) throw new RangeError("this key has sealed all it may");
    return this.#next++;
  }
}

interface Derived {
  key: CryptoKey;
  salt: Bytes;
}

function parameters(derived: Derived, ctr: number, header: Uint8Array, metadata: Uint8Array) {
  return {
    name: "AES-GCM",
    iv: nonce(derived.salt, ctr),
    additionalData: concat(header, metadata),
    tagLength: TAG_BYTES * 8,
  };
}

export class SealingKey {
  readonly #derived: Derived;
  readonly #kid: number;
  readonly #counter: Counter;

  constructor(derived: Derived, kid: number, counter: Counter) {
    this.#derived = derived;
    this.#kid = kid;
    this.#counter = counter;
  }

  /** Header and ciphertext; `metadata` is authenticated and not contained. */
  async seal(metadata: Uint8Array, plain: Bytes): Promise<Bytes> {
    const ctr = this.#counter.take(); // before the first await: two frames never share it
    const header = encodeHeader(this.#kid, ctr);
    const with_ = parameters(this.#derived, ctr, header, metadata);
    return concat(
      header,
      new Uint8Array(await crypto.subtle.encrypt(with_, this.#derived.key, plain)),
    );
  }
}

export class OpeningKey {
  readonly #derived: Derived;

  constructor(derived: Derived) {
    this.#derived = derived;
  }

  /** Rejects when header, metadata or ciphertext are not what was sealed. */
  async open(header: Header, metadata: Uint8Array, data: Bytes): Promise<Bytes> {
    const with_ = parameters(this.#derived, header.ctr, data.subarray(0, header.size), metadata);
    const sealed = data.subarray(header.size);
    return new Uint8Array(await crypto.subtle.decrypt(with_, this.#derived.key, sealed));
  }
}

/** RFC 9605 section 4.4.2: "SFrame 1.0 Secret key " or "... salt ", then KID and suite. */
function hkdf(label: "key" | "salt", kid: number): HkdfParams {
  const tail = new DataView(new ArrayBuffer(10));
  tail.setBigUint64(0, BigInt(kid));
  tail.setUint16(8, SUITE);
  const text = new TextEncoder().encode(`SFrame 1.0 Secret ${label} `);
  const info = concat(text, new Uint8Array(tail.buffer));
  return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
}

/** A sender's base key, as a WebCrypto key that nobody can read out. */
export class BaseKey {
  readonly #secret: Promise<CryptoKey>;

  /** Takes the bytes and wipes them: WebCrypto copies what it is given before it returns. */
  constructor(bytes: Bytes) {
    const uses: KeyUsage[] = ["deriveKey", "deriveBits"];
    this.#secret = crypto.subtle.importKey("raw", bytes, "HKDF", false, uses);
    bytes.fill(0);
  }

  async sealing(kid: number, counter: Counter): Promise<SealingKey> {
    return new SealingKey(await this.#derive(kid, "encrypt"), kid, counter);
  }

  async opening(kid: number): Promise<OpeningKey> {
    return new OpeningKey(await this.#derive(kid, "decrypt"));
  }

  async #derive(kid: number, use: "encrypt" | "decrypt"): Promise<Derived> {
    const secret = await this.#secret;
    const aes = { name: "AES-GCM", length: 128 };
    const [key, salt] = await Promise.all([
      crypto.subtle.deriveKey(hkdf("key", kid), secret, aes, false, [use]),
      crypto.subtle.deriveBits(hkdf("salt", kid), secret, NONCE_BYTES * 8),
    ]);
    return { key, salt: new Uint8Array(salt) };
  }
}
