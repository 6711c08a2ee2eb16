// A member's commit with a path, from the parts of ts-mls.
// Its own createCommit gives no path to a commit that changes the group context (RFC 9420 section 12.4 wants one), and
// seals path secrets under the context before that change (section 12.4.1 says after).
import {
  addHistoricalReceiverData,
  applyProposals,
  nextEpochContext,
} from "ts-mls/clientState.js";
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { getCommitSecret, pathToPathSecrets } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from "ts-mls/privateKeyPath.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { createUpdatePath, firstCommonAncestor } from "ts-mls/updatePath.js";
import { encryptGroupInfo, encryptGroupSecrets } from "ts-mls/welcome.js";

const WIRE = "mls_public_message";

export async function commitWithPath(state, proposals, authenticatedData, psks, cs) {
  const own = toLeafIndex(state.privatePath.leafIndex);
  const listed = proposals.map((proposal) => ({ proposalOrRefType: "proposal", proposal }));
  const applied = await applyProposals(state, listed, own, psks, true, cs);
  const { addedLeafNodes, extensions } = applied.additionalResult;
  const provisional = extensions.length ? { ...state.groupContext, extensions } : state.groupContext;
  const added = addedLeafNodes.map(([leaf]) => leafToNodeIndex(leaf));
  const [tree, path, pathSecrets, leafKey] = await createUpdatePath(
    applied.tree,
    own,
    provisional,
    state.signaturePrivateKey,
    cs,
    added,
  );
  const privatePath = mergePrivateKeyPaths(
    updateLeafKey(state.privatePath, await cs.hpke.exportPrivateKey(leafKey)),
    await toPrivateKeyPath(pathToPathSecrets(pathSecrets), own, cs),
  );
  const { signature, framedContent } = await createContentCommitSignature(
    state.groupContext,
    WIRE,
    { proposals: listed, path },
    { senderType: "member", leafIndex: own },
    authenticatedData,
    state.signaturePrivateKey,
    cs.signature,
  );
  const context = await nextEpochContext(
    provisional,
    WIRE,
    framedContent,
    signature,
    await treeHashRoot(tree, cs.hash),
    state.confirmationTag,
    cs.hash,
  );
  const last = pathSecrets.at(-1);
  const commitSecret = last
    ? await getCommitSecret(tree, toNodeIndex(last.nodeIndex), last.secret, cs.kdf)
    : new Uint8Array(cs.kdf.size);
  const { initSecret } = state.keySchedule;
  const epoch = await initializeEpoch(initSecret, commitSecret, context, applied.pskSecret, cs.kdf);
  const confirmationTag = await createConfirmationTag(
    epoch.keySchedule.confirmationKey,
    context.confirmedTranscriptHash,
    cs.hash,
  );
  const publicMessage = await protectPublicMessage(
    state.keySchedule.membershipKey,
    state.groupContext,
    {
      wireformat: WIRE,
      content: framedContent,
      auth: { contentType: framedContent.contentType, signature, confirmationTag },
    },
    cs,
  );
  const info = await createGroupInfo(context, confirmationTag, state, [], cs);
  const [historicalReceiverData] = addHistoricalReceiverData(state);
  const newState = {
    ...state,
    groupContext: context,
    ratchetTree: tree,
    secretTree: await createSecretTree(leafWidth(tree.length), epoch.encryptionSecret, cs.kdf),
    keySchedule: epoch.keySchedule,
    privatePath,
    unappliedProposals: {},
    historicalReceiverData,
    confirmationTag,
  };
  const joiners = { addedLeafNodes, tree, own, pathSecrets, pskIds: applied.pskIds };
  const welcome = addedLeafNodes.length ? await welcomeTo(joiners, info, epoch, cs) : undefined;
  return { newState, welcome, commit: { version: "mls10", wireformat: WIRE, publicMessage } };
}

async function welcomeTo({ addedLeafNodes, tree, own, pathSecrets, pskIds }, info, epoch, cs) {
  const encryptedGroupInfo = await encryptGroupInfo(info, epoch.welcomeSecret, cs);
  const one = async ([leaf, keyPackage]) => {
    const ancestor = firstCommonAncestor(tree, leaf, own);
    const pathSecret = pathSecrets.find((s) => s.nodeIndex === ancestor)?.secret;
    const secrets = { joinerSecret: epoch.joinerSecret, pathSecret, psks: pskIds };
    const key = await cs.hpke.importPublicKey(keyPackage.initKey);
    const sealed = await encryptGroupSecrets(key, encryptedGroupInfo, secrets, cs.hpke);
    return {
      newMember: await makeKeyPackageRef(keyPackage, cs.hash),
      encryptedGroupSecrets: { kemOutput: sealed.enc, ciphertext: sealed.ct },
    };
  };
  const secrets = await Promise.all(addedLeafNodes.map(one));
  return { cipherSuite: info.groupContext.cipherSuite, secrets, encryptedGroupInfo };
}
