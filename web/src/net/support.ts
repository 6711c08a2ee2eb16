// Responsible for: whether this browser can take part, and if not, which thing it lacks.
// Not responsible for: the sentence about it (src/ringfence/errors/6xxx-page.toml).
import { CODES, Problem } from "../e2ee/problem";

/** Null when everything is there. There is no unencrypted mode to fall back to. */
export function missing(): Problem | null {
  if (!isSecureContext) {
    return new Problem(CODES.notSecure, `${location.origin} is not a secure context.`);
  }
  if (typeof RTCPeerConnection === "undefined" || typeof RTCRtpScriptTransform === "undefined") {
    return new Problem(CODES.noTransforms, "RTCRtpScriptTransform is missing.");
  }
  return null;
}
