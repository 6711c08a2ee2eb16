// One JSON command a line in, one JSON line out: members of MLS groups, made by ts-mls.
// Knows MLS only, in the words of tests/attacker: the documents around it are written in Python.
import { createInterface } from "node:readline";
import {
  acceptAll,
  createApplicationMessage,
  createGroup,
  decodeMlsMessage,
  encodeMlsMessage,
  encodeRequiredCapabilities,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  makePskIndex,
  mlsExporter,
  processMessage,
} from "ts-mls";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { decodeKeyPackage, encodeKeyPackage } from "ts-mls/keyPackage.js";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { commitWithPath } from "./commit.mjs";

const SUITE = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
const RINGFENCE = 0xf0f0;
const SELF_REMOVE = 0x000a; // draft-ietf-mls-extensions
const cs = await getCiphersuiteImpl(getCiphersuiteFromName(SUITE));
const DAY = 86400n;

const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const unb64 = (text) => new Uint8Array(Buffer.from(text, "base64url"));

function decoded(decode, bytes, what) {
  const read = decode(bytes, 0);
  if (read === undefined || read[1] !== bytes.length) throw new Error(`not ${what}`);
  return read[0];
}

const message = (bytes) => decoded(decodeMlsMessage, bytes, "an MLS message");
const wrapped = (wireformat, field, value) =>
  encodeMlsMessage({ version: "mls10", wireformat, [field]: value });

const capabilities = {
  versions: ["mls10"],
  ciphersuites: [SUITE],
  extensions: [RINGFENCE],
  proposals: [SELF_REMOVE],
  credentials: ["basic"],
};

class Member {
  #psks = {};
  #identity = new Uint8Array();
  #signature;
  #package;
  #state;
  #pending; // our own commit, until the server repeats it

  static async make() {
    const member = new Member();
    member.#signature = await cs.signature.keygen();
    return member;
  }

  get leaf() {
    return this.#signature.publicKey;
  }

  #pskIndex() {
    return makePskIndex(this.#state, this.#psks);
  }

  psk({ id, psk }) {
    this.#psks[Buffer.from(id).toString("base64")] = unb64(psk);
  }

  identity({ identity }) {
    this.#identity = unb64(identity);
  }

  async #newPackage() {
    const now = BigInt(Math.floor(Date.now() / 1000));
    return generateKeyPackageWithKey(
      { credentialType: "basic", identity: this.#identity },
      capabilities,
      { notBefore: now - 3600n, notAfter: now + 28n * DAY },
      [],
      this.#signature,
      cs,
    );
  }

  async package() {
    this.#package = await this.#newPackage();
    return { package: b64(encodeKeyPackage(this.#package.publicPackage)) };
  }

  async found({ group, extension }) {
    const { publicPackage, privatePackage } = await this.#newPackage();
    const required = encodeRequiredCapabilities({
      extensionTypes: [RINGFENCE],
      proposalTypes: [SELF_REMOVE],
      credentialTypes: ["basic"],
    });
    const context = [
      { extensionType: "required_capabilities", extensionData: required },
      { extensionType: RINGFENCE, extensionData: unb64(extension) },
    ];
    this.#state = await createGroup(unb64(group), publicPackage, privatePackage, context, cs);
    return { commit: null, welcome: null, group_info: await this.#groupInfo(), tree: this.#tree() };
  }

  async join({ welcome, tree }) {
    const { publicPackage, privatePackage } = this.#package;
    this.#state = await joinGroup(
      message(unb64(welcome)).welcome,
      publicPackage,
      privatePackage,
      this.#pskIndex(),
      cs,
      decoded(decodeRatchetTree, unb64(tree), "a ratchet tree"),
    );
    return this.state();
  }

  async commit({ adds = [], removes = [], psks = [], extension, aad = "" }) {
    const add = (bytes) => {
      const keyPackage = decoded(decodeKeyPackage, unb64(bytes), "a key package");
      return { proposalType: "add", add: { keyPackage } };
    };
    const psk = (id) => {
      const pskNonce = cs.rng.randomBytes(cs.kdf.size);
      const preSharedKeyId = { psktype: "external", pskId: new TextEncoder().encode(id), pskNonce };
      return { proposalType: "psk", psk: { preSharedKeyId } };
    };
    const proposals = [
      ...adds.map(add),
      ...removes.map((removed) => ({ proposalType: "remove", remove: { removed } })),
      ...psks.map(psk),
    ];
    if (extension !== undefined) {
      const changed = { extensionType: RINGFENCE, extensionData: unb64(extension) };
      const extensions = this.#state.groupContext.extensions.map((e) =>
        e.extensionType === RINGFENCE ? changed : e,
      );
      proposals.push({
        proposalType: "group_context_extensions",
        groupContextExtensions: { extensions },
      });
    }
    const made = await commitWithPath(this.#state, proposals, unb64(aad), this.#pskIndex(), cs);
    const commit = b64(encodeMlsMessage(made.commit));
    this.#pending = { commit, state: made.newState };
    const welcome = made.welcome && b64(wrapped("mls_welcome", "welcome", made.welcome));
    const group_info = await this.#groupInfo(made.newState);
    return { commit, welcome: welcome ?? null, group_info, tree: null };
  }

  async process({ message: bytes }) {
    if (bytes === this.#pending?.commit) {
      this.#state = this.#pending.state;
      this.#pending = undefined;
      const { content } = message(unb64(bytes)).publicMessage;
      return { kind: "own", aad: b64(content.authenticatedData), state: await this.state() };
    }
    const read = message(unb64(bytes));
    const done = await processMessage(read, this.#state, this.#pskIndex(), acceptAll, cs);
    this.#state = done.newState;
    if (done.kind === "applicationMessage") return { kind: "sealed", text: b64(done.message) };
    const { content } = read.publicMessage;
    const aad = b64(content.authenticatedData);
    return { kind: content.contentType, aad, state: await this.state() };
  }

  async seal({ text }) {
    const made = await createApplicationMessage(this.#state, unb64(text), cs);
    this.#state = made.newState;
    return { message: b64(wrapped("mls_private_message", "privateMessage", made.privateMessage)) };
  }

  async export({ leaf, context }) {
    const whole = Buffer.alloc(4);
    whole.writeUInt32BE(leaf);
    const bytes = Buffer.concat([whole, unb64(context)]);
    const { exporterSecret } = this.#state.keySchedule;
    return { key: b64(await mlsExporter(exporterSecret, "ringfence sframe", bytes, 16, cs)) };
  }

  /** Every secret of the present epoch, for tests that look for them where they must not be. */
  secrets() {
    const named = Object.entries(this.#state.keySchedule).map(([k, v]) => [k, b64(v)]);
    const paths = Object.entries(this.#state.privatePath.privateKeys);
    return { schedule: Object.fromEntries(named), path: paths.map(([, key]) => b64(key)) };
  }

  async #groupInfo(state = this.#state) {
    // createGroupInfoWithExternalPub of ts-mls leaves out the length of the key (RFC 9420 section 12.4.3.2).
    const { publicKey } = await cs.hpke.deriveKeyPair(state.keySchedule.externalSecret);
    const key = await cs.hpke.exportPublicKey(publicKey);
    const extensionData = new Uint8Array([key.length, ...key]);
    const extensions = [{ extensionType: "external_pub", extensionData }];
    const { groupContext, confirmationTag } = state;
    const info = await createGroupInfo(groupContext, confirmationTag, state, extensions, cs);
    return b64(wrapped("mls_group_info", "groupInfo", info));
  }

  #tree() {
    return b64(encodeRatchetTree(this.#state.ratchetTree));
  }

  async state() {
    const { groupContext, ratchetTree, privatePath } = this.#state;
    const members = ratchetTree.flatMap((node, index) =>
      node?.nodeType === "leaf"
        ? [
            {
              leaf: index / 2,
              identity: b64(node.leaf.credential.identity),
              key: b64(node.leaf.signaturePublicKey),
            },
          ]
        : [],
    );
    const extension = groupContext.extensions.find((e) => e.extensionType === RINGFENCE);
    return {
      group: b64(groupContext.groupId),
      epoch: Number(groupContext.epoch),
      leaf: privatePath.leafIndex,
      members,
      extension: b64(extension.extensionData),
      tree: this.#tree(),
      group_info: await this.#groupInfo(),
    };
  }
}

const members = new Map();

async function act({ who, op, ...given }) {
  if (op === "new") {
    members.set(who, await Member.make());
    return { leaf: b64(members.get(who).leaf) };
  }
  const member = members.get(who);
  if (member === undefined) throw new Error("nobody of that name");
  const known = ["identity", "psk", "package", "found", "join", "commit"];
  known.push("process", "seal", "export", "secrets", "state");
  if (!known.includes(op)) throw new Error(`ts-mls members do not ${op}`);
  return (await member[op](given)) ?? null;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { ok: await act(JSON.parse(line)) };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
