// Responsible for: a meeting's key file, sealed and opened (docs/protocol/keyfile.md): a JWE (RFC 7516).
// Not responsible for: the passphrase's key (core/e2ee), or where keys come from and go to (founding.ts).
import { concat, fromBase64url, toBase64url, type Bytes } from "./bytes";
import { CODES, Problem } from "./problem";

export const VERSION = 1;
const TYPE = "ringfence-key-file";
/** RFC 7518 §4.5 and §5.3, and how the key comes from the passphrase. */
const SUITE = { alg: "dir", enc: "A256GCM", kdf: "argon2id" } as const;
const [SALT, NONCE, TAG, ID, KEY] = [16, 12, 16, 16, 32];
/** No key file is longer, in characters. */
export const LONGEST = 16_384;

/** What everybody who has the file can read, and nobody can change without its passphrase. */
export interface Header {
  /** The origin that the meeting was made on. */
  server: string;
  meeting: string;
}

/** An Ed25519 key as a JWK (RFC 8037). */
export interface SigningJwk {
  kty: "OKP";
  crv: "Ed25519";
  /** The secret half. */
  d: string;
  x: string;
}

/** What only the passphrase opens. */
export interface Secrets {
  owner: SigningJwk;
  host: SigningJwk;
  /** The secret half of the host's HPKE key: it opens the names of those who knock. */
  host_hpke: string;
  fragment: string;
  title: string;
}

/** The Argon2id of core/e2ee; meant to be slow. */
export type DeriveKey = (passphrase: Uint8Array, salt: Uint8Array) => Uint8Array;

type Fields = Record<string, unknown>;
const encoded = (value: object) => new TextEncoder().encode(JSON.stringify(value));

/** In the form of the OpaqueString profile (RFC 8265 §4.2.2), so that each keyboard gives the same key. */
export function prepared(passphrase: string): Bytes {
  return new TextEncoder().encode(passphrase.replace(/\p{Zs}/gu, " ").normalize("NFC"));
}

export function nameOf(meeting: string): string {
  return `ringfence-${meeting}.key.json`;
}

export async function sealKeyFile(
  { server, meeting }: Header,
  secrets: Secrets,
  passphrase: string,
  derive: DeriveKey,
): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT));
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const head = { typ: TYPE, version: VERSION, ...SUITE, salt: toBase64url(salt), server, meeting };
  const sealedHead = toBase64url(encoded(head));
  const key = await keyOf(passphrase, salt, derive, "encrypt");
  const sealed = await crypto.subtle.encrypt(cipher(iv, sealedHead), key, encoded(secrets));
  const file = {
    protected: sealedHead,
    iv: toBase64url(iv),
    ciphertext: toBase64url(new Uint8Array(sealed.slice(0, -TAG))),
    tag: toBase64url(new Uint8Array(sealed.slice(-TAG))),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What can be read without the passphrase; nothing vouches for it yet. */
export function readHeader(text: string): Header {
  const { server, meeting } = read(text);
  return { server, meeting };
}

export async function openKeyFile(
  text: string,
  passphrase: string,
  derive: DeriveKey,
): Promise<Header & Secrets> {
  const { server, meeting, salt, iv, sealed, protected: head } = read(text);
  const key = await keyOf(passphrase, salt, derive, "decrypt");
  let opened: ArrayBuffer;
  try {
    opened = await crypto.subtle.decrypt(cipher(iv, head), key, sealed);
  } catch {
    throw new Problem(CODES.keyFileClosed, "It does not open with this passphrase.");
  }
  return { server, meeting, ...secretsIn(new Uint8Array(opened)) };
}

/** RFC 7516 §5.1: the additional data are the encoded header's letters. */
function cipher(iv: Bytes, head: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(head) };
}

async function keyOf(
  passphrase: string,
  salt: Bytes,
  derive: DeriveKey,
  use: "encrypt" | "decrypt",
): Promise<CryptoKey> {
  const bytes = new Uint8Array(derive(prepared(passphrase), salt));
  try {
    return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [use]);
  } finally {
    bytes.fill(0);
  }
}

function read(text: string) {
  const file = text.length <= LONGEST ? object(text) : null;
  const head = typeof file?.protected === "string" ? object(texted(file.protected)) : null;
  if (file === null || head?.typ !== TYPE) throw unknown("It has no header of a key file.");
  if (typeof head.version === "number" && head.version > VERSION) {
    throw new Problem(CODES.keyFileNewer, `Its version is ${head.version}.`);
  }
  const expected = { version: VERSION, ...SUITE };
  const other = Object.entries(expected).find(([name, value]) => head[name] !== value);
  if (other !== undefined) throw unknown(`Its “${other[0]}” is not one of this version.`);
  const { server } = head;
  if (typeof server !== "string" || originOf(server) !== server) {
    throw unknown("Its server is no address.");
  }
  bytesIn(head, "meeting", ID);
  return {
    protected: String(file.protected),
    server,
    meeting: String(head.meeting),
    salt: bytesIn(head, "salt", SALT),
    iv: bytesIn(file, "iv", NONCE),
    sealed: concat(bytesIn(file, "ciphertext"), bytesIn(file, "tag", TAG)),
  };
}

function secretsIn(opened: Bytes): Secrets {
  const found = object(new TextDecoder().decode(opened));
  const { owner, host, host_hpke: hpke, fragment, title } = found ?? {};
  if (!isKey(owner) || !isKey(host) || typeof title !== "string" || !found) throw damaged();
  if (sizeOf(hpke) !== KEY || sizeOf(fragment) !== KEY) throw damaged();
  return { owner, host, host_hpke: hpke as string, fragment: fragment as string, title };
}

function isKey(value: unknown): value is SigningJwk {
  const key = (typeof value === "object" ? value : null) as Fields | null;
  const sizes = [sizeOf(key?.d), sizeOf(key?.x)];
  return key?.kty === "OKP" && key.crv === "Ed25519" && sizes.every((size) => size === KEY);
}

function object(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? (value as Fields | null) : null;
  } catch {
    return null;
  }
}

function bytesIn(fields: Fields, name: string, size?: number): Bytes {
  const found = sizeOf(fields[name]);
  if (found === null || (size !== undefined && found !== size)) {
    throw unknown(`Its “${name}” has another length or letters.`);
  }
  return fromBase64url(fields[name] as string);
}

/** Of base64url without padding and without stray bits, the one spelling there is; else null. */
function sizeOf(value: unknown): number | null {
  if (typeof value !== "string" || !/^[\w-]*$/.test(value)) return null;
  try {
    const bytes = fromBase64url(value);
    return toBase64url(bytes) === value ? bytes.length : null;
  } catch {
    return null;
  }
}

function texted(base64url: string): string {
  return sizeOf(base64url) === null ? "" : new TextDecoder().decode(fromBase64url(base64url));
}

function originOf(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : null;
}

const unknown = (detail: string) => new Problem(CODES.keyFileUnknown, detail);
export const damaged = () =>
  new Problem(CODES.keyFileClosed, "What is in it does not belong together.");
