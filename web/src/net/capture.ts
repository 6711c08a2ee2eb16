// Responsible for: opening one microphone or camera, and naming why it could not be.
// Not responsible for: which one is wanted (devices.ts).
import { CODES } from "../e2ee/problem";

export type Kind = "microphone" | "camera";

/** Large enough for three simulcast layers (media.md: at least 960 by 540). */
const PICTURE = {
  width: { ideal: 960 },
  height: { ideal: 540 },
  frameRate: { ideal: 24, max: 30 },
};
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** What to ask the browser for: this device, or whichever it takes by itself. */
function wish(kind: Kind, id: string | null): MediaStreamConstraints {
  const which = id === null ? {} : { deviceId: { exact: id } };
  return kind === "camera"
    ? { video: { ...PICTURE, ...which } }
    : { audio: { ...SOUND, ...which } };
}

const WHY: Record<Kind, Record<string, string>> = {
  microphone: {
    NotAllowedError: CODES.microphoneRefused,
    SecurityError: CODES.microphoneRefused,
    NotFoundError: CODES.microphoneMissing,
    OverconstrainedError: CODES.microphoneMissing,
  },
  camera: {
    NotAllowedError: CODES.cameraRefused,
    SecurityError: CODES.cameraRefused,
    NotFoundError: CODES.cameraMissing,
    OverconstrainedError: CODES.cameraMissing,
  },
};
const OTHERWISE: Record<Kind, string> = { microphone: CODES.microphone, camera: CODES.camera };

/** Media Capture and Streams, section 10.2.5: what getUserMedia rejects with. */
function why(kind: Kind, thrown: unknown): string {
  return WHY[kind][(thrown as { name?: string } | null)?.name ?? ""] ?? OTHERWISE[kind];
}

/** One sentence where both are without for the same reason. */
const BOTH: Record<string, string> = {
  [CODES.microphoneRefused + CODES.cameraRefused]: CODES.devicesRefused,
  [CODES.microphoneMissing + CODES.cameraMissing]: CODES.devicesMissing,
};

/** What is to be said of both, each thing once. */
export function together({ microphone, camera }: Record<Kind, string | null>): string[] {
  const both = BOTH[`${microphone}${camera}`];
  if (both !== undefined) return [both];
  return [...new Set([camera, microphone])].filter((code) => code !== null);
}

export type Captured = { track: MediaStreamTrack } | { problem: string };

/** The first of these devices that opens; `null` is the browser's own choice. Asks only while it is `wanted`. */
export async function capture(
  kind: Kind,
  ids: readonly (string | null)[],
  wanted: () => boolean,
): Promise<Captured> {
  let first: string | null = null;
  for (const id of ids) {
    if (!wanted()) break;
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia(wish(kind, id))).getTracks();
      if (track !== undefined) return { track };
    } catch (thrown) {
      const problem = why(kind, thrown);
      if (problem === WHY[kind]["NotAllowedError"]) return { problem }; // so it is for all
      first ??= problem;
    }
  }
  return { problem: first ?? OTHERWISE[kind] };
}

/** Both in one question. */
export async function captureBoth(ids: Record<Kind, string | null>): Promise<MediaStream> {
  const asked = { ...wish("microphone", ids.microphone), ...wish("camera", ids.camera) };
  return navigator.mediaDevices.getUserMedia(asked);
}
