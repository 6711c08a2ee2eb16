// Responsible for: the one time a signing key can be copied, and making it one that cannot be (WebCrypto).
// Not responsible for: the file that it goes into (keyfile.ts).
import { fromBase64url, toBase64url } from "./bytes";
import { damaged, type SigningJwk } from "./keyfile";
import { publicHalf } from "./keystore";
import { CODES, Problem } from "./problem";

const ED25519 = { name: "Ed25519" };

/** A pair that can be copied: it stays in memory, and only until it is `locked`. */
export async function newCopyableKey(): Promise<CryptoKeyPair> {
  try {
    return (await crypto.subtle.generateKey(ED25519, true, ["sign", "verify"])) as CryptoKeyPair;
  } catch (thrown) {
    throw new Problem(CODES.noKeys, String(thrown));
  }
}

export async function copied(pair: CryptoKeyPair): Promise<SigningJwk> {
  const { d, x } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { kty: "OKP", crv: "Ed25519", d: d ?? "", x: x ?? "" };
}

/** The same pair, whose secret half nobody can take out any more. */
export async function locked(pair: CryptoKeyPair): Promise<CryptoKeyPair> {
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  try {
    const secret = await crypto.subtle.importKey("pkcs8", bytes, ED25519, false, ["sign"]);
    return { publicKey: pair.publicKey, privateKey: secret };
  } finally {
    bytes.fill(0);
  }
}

/** From a file, locked. Its halves have to belong together: others check what it signs. */
export async function pasted({ kty, crv, d, x }: SigningJwk): Promise<CryptoKeyPair> {
  const pair = {
    publicKey: await imported({ kty, crv, x }, true, "verify"),
    privateKey: await imported({ kty, crv, d, x }, false, "sign"),
  };
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const signature = await crypto.subtle.sign(ED25519, pair.privateKey, probe);
  const { publicKey } = pair;
  if (!(await crypto.subtle.verify(ED25519, publicKey, signature, probe))) throw damaged();
  return pair;
}

async function imported(jwk: JsonWebKey, extractable: boolean, use: KeyUsage): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("jwk", jwk, ED25519, extractable, [use]);
  } catch (thrown) {
    const unsupported = (thrown as Error).name === "NotSupportedError";
    throw unsupported ? new Problem(CODES.noKeys, String(thrown)) : damaged();
  }
}

/** Whether this is the owner whom the link names, by its second half (docs/protocol/documents.md). */
export async function namesOwner(fragment: string, owner: CryptoKeyPair): Promise<boolean> {
  const bytes = fromBase64url(await publicHalf(owner));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return toBase64url(fromBase64url(fragment).subarray(16)) === toBase64url(hash.subarray(0, 16));
}
