// Responsible for: the media lines of an offer, each with its transform before a frame can flow.
// Not responsible for: negotiating them (peer.ts) or what the transforms do (e2ee/transforms.ts).
import type { Kind } from "../e2ee/frames";
import { CAMERA, MICROPHONE, SCREEN_PICTURE, SCREEN_SOUND } from "../e2ee/kid";
import type { Line } from "../e2ee/transforms";
import type { Shared } from "./screen";

/** media.md: a pool of lines to receive on, so that a join needs no negotiation. */
export const POOL = 8;
/** No page shows more at once, whatever the server says that it needs. */
export const LARGEST_POOL = 32;

const DEPENDENCY_DESCRIPTOR =
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

const LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];

/** Enough for text at 1080p to be sharp within a second; a page that stands still takes a tenth of it. */
const SCREEN: RTCRtpEncodingParameters[] = [{ maxBitrate: 3_000_000, maxFramerate: 15 }];

/** RTCRtpTransceiver with the header extensions of WebRTC Extensions, where a browser has them. */
type Extended = RTCRtpTransceiver & {
  getHeaderExtensionsToNegotiate?(): { uri: string; direction: RTCRtpTransceiverDirection }[];
  setHeaderExtensionsToNegotiate?(
    extensions: { uri: string; direction: RTCRtpTransceiverDirection }[],
  ): void;
};

interface ReceivingLine {
  line: number;
  kind: Kind;
  transceiver: RTCRtpTransceiver;
}

let lastLine = 0;

export class Lines {
  readonly #connection: RTCPeerConnection;
  readonly #worker: Worker;
  readonly #microphone: RTCRtpTransceiver;
  readonly #camera: RTCRtpTransceiver;
  #screen: { sound: RTCRtpTransceiver; picture: RTCRtpTransceiver } | null = null;
  readonly receiving: ReceivingLine[] = [];

  constructor(connection: RTCPeerConnection, worker: Worker) {
    this.#connection = connection;
    this.#worker = worker;
    const direction = "sendonly";
    this.#microphone = connection.addTransceiver("audio", { direction });
    this.#seal(this.#microphone, {
      role: "sender",
      line: ++lastLine,
      kind: "audio",
      context: MICROPHONE,
    });
    this.#camera = connection.addTransceiver("video", { direction, sendEncodings: LAYERS });
    this.#seal(this.#camera, { role: "sender", line: ++lastLine, kind: "video", context: CAMERA });
    prefer(this.#microphone, "audio", RTCRtpSender.getCapabilities("audio"));
    prefer(this.#camera, "video", RTCRtpSender.getCapabilities("video"));
    this.addPool(POOL);
  }

  get pairs(): number {
    return this.receiving.length / 2;
  }

  addPool(pairs: number): void {
    for (let i = 0; i < pairs; i++) for (const kind of ["audio", "video"] as const) this.#add(kind);
  }

  async send(microphone: MediaStreamTrack | null, camera: MediaStreamTrack | null): Promise<void> {
    await Promise.all([
      this.#microphone.sender.replaceTrack(microphone),
      this.#camera.sender.replaceTrack(camera),
    ]);
  }

  /** True: it has to be offered before anything of it is sent, or before others know that it ended. */
  async share(shared: Shared | null): Promise<boolean> {
    if (shared === null && this.#screen === null) return false;
    this.#screen ??= this.#addScreen();
    const { sound, picture } = this.#screen;
    picture.direction = shared === null ? "inactive" : "sendonly";
    sound.direction = (shared?.sound ?? null) === null ? "inactive" : "sendonly";
    await Promise.all([
      sound.sender.replaceTrack(shared?.sound ?? null),
      picture.sender.replaceTrack(shared?.picture ?? null),
    ]);
    return true;
  }

  byMid(mid: string): ReceivingLine | null {
    return this.receiving.find(({ transceiver }) => transceiver.mid === mid) ?? null;
  }

  /** Made when it is first needed: most people never share. */
  #addScreen() {
    const direction = "sendonly";
    const sound = this.#connection.addTransceiver("audio", { direction });
    const of = { role: "sender", line: ++lastLine } as const;
    this.#seal(sound, { ...of, kind: "audio", context: SCREEN_SOUND });
    prefer(sound, "audio", RTCRtpSender.getCapabilities("audio"));
    const picture = this.#connection.addTransceiver("video", { direction, sendEncodings: SCREEN });
    this.#seal(picture, { ...of, line: ++lastLine, kind: "video", context: SCREEN_PICTURE });
    prefer(picture, "video", RTCRtpSender.getCapabilities("video"));
    return { sound, picture };
  }

  #add(kind: Kind): void {
    const transceiver = this.#connection.addTransceiver(kind, { direction: "recvonly" });
    const line = ++lastLine;
    const options: Line = { role: "receiver", line, kind };
    transceiver.receiver.transform = new RTCRtpScriptTransform(this.#worker, options);
    prefer(transceiver, kind, RTCRtpReceiver.getCapabilities(kind));
    this.receiving.push({ line, kind, transceiver });
  }

  #seal(transceiver: RTCRtpTransceiver, options: Line): void {
    transceiver.sender.transform = new RTCRtpScriptTransform(this.#worker, options);
  }
}

/** One codec a kind; and what the server routes video by, since it cannot read the frames. */
function prefer(
  transceiver: Extended,
  kind: Kind,
  capabilities: { codecs: RTCRtpCodec[] } | null,
): void {
  const wanted = kind === "audio" ? /^audio\/opus$/i : /^video\/(VP8|rtx)$/i;
  const codecs = capabilities?.codecs.filter(({ mimeType }) => wanted.test(mimeType)) ?? [];
  transceiver.setCodecPreferences(codecs);
  if (kind === "audio") return;
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.();
  const descriptor = extensions?.find(({ uri }) => uri === DEPENDENCY_DESCRIPTOR);
  if (extensions === undefined || descriptor === undefined) return;
  descriptor.direction = "sendrecv";
  transceiver.setHeaderExtensionsToNegotiate?.(extensions);
}
