// Responsible for: the media lines of an offer, each with its transform before a frame can flow.
// Not responsible for: negotiating them (peer.ts) or what the transforms do (e2ee/transforms.ts).
import type { Kind } from "../e2ee/frames";
import { CAMERA, MICROPHONE, SCREEN_PICTURE, SCREEN_SOUND } from "../e2ee/kid";
import type { Line } from "../e2ee/transforms";
import { Camera, LAYERS, preferReceiving, preferSending, type CameraCodec } from "./codecs";
import type { Shared } from "./screen";

/** media.md: a pool of lines to receive on, so that a join needs no negotiation. */
export const POOL = 8;
/** No page shows more at once, whatever the server says that it needs. */
export const LARGEST_POOL = 32;

/** Enough for text at 1080p to be sharp within a second; a page that stands still takes a tenth of it. */
const SCREEN: RTCRtpEncodingParameters[] = [{ maxBitrate: 3_000_000, maxFramerate: 15 }];

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
  readonly #codec: Camera;
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
    this.#camera = connection.addTransceiver("video", { direction, sendEncodings: [...LAYERS] });
    this.#seal(this.#camera, { role: "sender", line: ++lastLine, kind: "video", context: CAMERA });
    preferSending(this.#microphone, "audio", false);
    preferSending(this.#camera, "video", true);
    this.#codec = new Camera(this.#camera.sender);
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

  sendCameraIn(codec: CameraCodec): Promise<void> {
    return this.#codec.sendIn(codec);
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
    preferSending(sound, "audio", false);
    const picture = this.#connection.addTransceiver("video", { direction, sendEncodings: SCREEN });
    this.#seal(picture, { ...of, line: ++lastLine, kind: "video", context: SCREEN_PICTURE });
    preferSending(picture, "video", false);
    return { sound, picture };
  }

  #add(kind: Kind): void {
    const transceiver = this.#connection.addTransceiver(kind, { direction: "recvonly" });
    const line = ++lastLine;
    const options: Line = { role: "receiver", line, kind };
    transceiver.receiver.transform = new RTCRtpScriptTransform(this.#worker, options);
    preferReceiving(transceiver, kind);
    this.receiving.push({ line, kind, transceiver });
  }

  #seal(transceiver: RTCRtpTransceiver, options: Line): void {
    transceiver.sender.transform = new RTCRtpScriptTransform(this.#worker, options);
  }
}
