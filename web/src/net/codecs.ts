// Responsible for: which codecs each line offers, and which one the camera is sent in.
// Not responsible for: knowing what everybody can decode (the server's word, meeting.ts).
import type { Kind } from "../e2ee/frames";

/** What a camera can be sent in. */
export type CameraCodec = "VP8" | "VP9";

const DEPENDENCY_DESCRIPTOR =
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/** RTCRtpTransceiver with the header extensions of WebRTC Extensions, where a browser has them. */
type Extended = RTCRtpTransceiver & {
  getHeaderExtensionsToNegotiate?(): { uri: string; direction: RTCRtpTransceiverDirection }[];
  setHeaderExtensionsToNegotiate?(
    extensions: { uri: string; direction: RTCRtpTransceiverDirection }[],
  ): void;
};

/** RTCRtpEncodingParameters with the codec (WebRTC Extensions) and the layers (Scalable Video Coding for WebRTC). */
type Encoding = RTCRtpEncodingParameters & { codec?: RTCRtpCodec; scalabilityMode?: string };

/** VP8: each layer is a stream of its own. */
export const LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];
/** VP9: all layers in the first of these streams, each made of those below it. The others rest. */
const STACKED = { scalabilityMode: "L3T3", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 };

/** Of what a made-up camera shows VP9 costs as much as three times VP8. Of noise, which real ones have, it costs more. */
const LEAST_CORES = 4;

/** Those that a line may be sent or received in, the one to begin with first; and how repetitions are. */
const OFFERED: Record<"sound" | "picture" | "layers", RegExp[]> = {
  sound: [/^audio\/opus /i],
  picture: [/^video\/VP8 /i, /^video\/rtx /i],
  layers: [/^video\/VP8 /i, /^video\/VP9 profile-id=0\b/i, /^video\/rtx /i],
};

type Capabilities = { codecs: RTCRtpCodec[] } | null;

/** What is sent from here, in VP9 only by a device that has the time for it. */
export function preferSending(transceiver: Extended, kind: Kind, inLayers: boolean): void {
  const able = inLayers && navigator.hardwareConcurrency >= LEAST_CORES;
  prefer(transceiver, kind, able, RTCRtpSender.getCapabilities(kind));
}

export function preferReceiving(transceiver: Extended, kind: Kind): void {
  prefer(transceiver, kind, true, RTCRtpReceiver.getCapabilities(kind));
}

/** Few codecs; and what the server routes video by, since it cannot read the frames. */
function prefer(
  transceiver: Extended,
  kind: Kind,
  inLayers: boolean,
  capabilities: Capabilities,
): void {
  const picture = inLayers ? OFFERED.layers : OFFERED.picture;
  const wanted = kind === "audio" ? OFFERED.sound : picture;
  const named = (capabilities?.codecs ?? []).map((codec) => ({
    codec,
    name: `${codec.mimeType} ${codec.sdpFmtpLine ?? ""}`,
  }));
  const ofPattern = (pattern: RegExp) => named.filter(({ name }) => pattern.test(name));
  transceiver.setCodecPreferences(wanted.flatMap(ofPattern).map(({ codec }) => codec));
  if (kind === "audio") return;
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.();
  const descriptor = extensions?.find(({ uri }) => uri === DEPENDENCY_DESCRIPTOR);
  if (extensions === undefined || descriptor === undefined) return;
  descriptor.direction = "sendrecv";
  transceiver.setHeaderExtensionsToNegotiate?.(extensions);
}

/** The codec of the camera's sender, which changes without an offer. */
export class Camera {
  readonly #sender: RTCRtpSender;
  #wanted: CameraCodec = "VP8";
  /** The browser takes the words for layers in one stream and not their meaning. */
  #unable = false;
  /** One change at a time: the browser refuses parameters that are not its latest. */
  #changing: Promise<void> = Promise.resolve();

  constructor(sender: RTCRtpSender) {
    this.#sender = sender;
  }

  /** To be said again after each answer: before, there may be no codec to choose from, and one may wake what rests. */
  sendIn(codec: CameraCodec): Promise<void> {
    this.#wanted = codec;
    this.#changing = this.#changing.then(() => this.#change());
    return this.#changing;
  }

  async #change(): Promise<void> {
    const wanted = this.#unable ? "VP8" : this.#wanted;
    if (this.#sends(wanted) || !(await this.#set(wanted)) || this.#sends(wanted)) return;
    this.#unable = true;
    await this.#set("VP8");
  }

  #sends(wanted: CameraCodec): boolean {
    const encodings: Encoding[] = this.#sender.getParameters().encodings;
    return encodings.every(({ active, codec, scalabilityMode }, at) => {
      const inVp9 = codec?.mimeType === "video/VP9";
      if (wanted === "VP8") return active !== false && !inVp9;
      const stacked = at > 0 || scalabilityMode === STACKED.scalabilityMode;
      return active === (at === 0) && inVp9 && stacked;
    });
  }

  /** False: it stays as it is. */
  async #set(wanted: CameraCodec): Promise<boolean> {
    const parameters = this.#sender.getParameters();
    const mime = `video/${wanted}`;
    const codec = parameters.codecs.find(({ mimeType }) => mimeType === mime);
    if (codec === undefined) return false;
    parameters.encodings.forEach((encoding: Encoding, at) => {
      delete encoding.scalabilityMode;
      const { rid: _, ...layer } = LAYERS[at] ?? {};
      const first = at === 0 && wanted === "VP9" ? STACKED : {};
      Object.assign(encoding, layer, first, { codec, active: at === 0 || wanted === "VP8" });
    });
    try {
      await this.#sender.setParameters(parameters);
      return true;
    } catch {
      return false;
    }
  }
}
