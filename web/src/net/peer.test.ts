// Responsible for: which offers are made when: one at a time, none forgotten, none waited for in vain.
// Not responsible for: real connections (the browser tests), or which line is whose (streams.test.ts).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectionState } from "../state/events";
import { LARGEST_POOL, POOL } from "./lines";
import { Peer } from "./peer";
import type { Shared } from "./screen";

class FakeTransceiver {
  direction: string;
  mid = null;
  readonly kind: string;
  readonly receiver = {};
  readonly sender: {
    track: unknown;
    replaceTrack(track: unknown): Promise<void>;
    getParameters(): { codecs: []; encodings: [] };
  };
  constructor(kind: string, direction: string) {
    [this.kind, this.direction] = [kind, direction];
    this.sender = {
      track: null,
      getParameters: () => ({ codecs: [], encodings: [] }),
      replaceTrack: async (track) => {
        await Promise.resolve();
        this.sender.track = track;
      },
    };
  }
  setCodecPreferences = () => undefined;
}

let connection: FakeConnection;

class FakeConnection {
  connectionState = "new";
  signalingState = "stable";
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly lines: FakeTransceiver[] = [];
  constructor() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    connection = this;
  }
  createDataChannel = () => ({ close: () => undefined });
  addTransceiver(kind: string, { direction }: { direction: string }): FakeTransceiver {
    const line = new FakeTransceiver(kind, direction);
    this.lines.push(line);
    return line;
  }
  refuses = false;
  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    if (this.refuses) throw new DOMException("no", "OperationError");
    this.signalingState = "have-local-offer";
    this.localDescription = { sdp: `${this.lines.length} lines` };
  }
  async setRemoteDescription(): Promise<void> {
    await Promise.resolve();
    this.signalingState = "stable";
  }
  getStats = () => Promise.resolve(new Map());
  restartIce = () => undefined;
  close(): void {
    this.connectionState = "closed";
  }
  becomes(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

const OWN = 2;
const NOTHING = { microphone: null, camera: null, screen: null };
const screen = (name: string) => ({ picture: name, sound: null }) as unknown as Shared;

let offers: string[];
let states: ConnectionState[];
let broken: string[];
let peer: Peer;

beforeEach(() => {
  vi.useFakeTimers();
  [offers, states, broken] = [[], [], []];
  const getCapabilities = () => ({ codecs: [] });
  vi.stubGlobal("navigator", { hardwareConcurrency: 8 });
  vi.stubGlobal("RTCPeerConnection", FakeConnection);
  vi.stubGlobal("RTCRtpScriptTransform", Object);
  vi.stubGlobal("RTCRtpSender", { getCapabilities });
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities });
  peer = new Peer({} as Worker, {
    offer: (sdp) => offers.push(sdp),
    remote: () => undefined,
    state: (state) => states.push(state),
    negotiated: () => undefined,
    levels: () => undefined,
    trip: () => undefined,
    silent: () => undefined,
    broken: (code) => broken.push(code),
    refused: () => undefined,
  });
});

afterEach(() => {
  peer.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const answer = () => peer.answered("yes");
const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count);
const lines = (count: number) => `${count} lines`;
const withPool = lines(OWN + 2 * POOL);

describe("an offer", () => {
  it("waits for the answer to the one before it", async () => {
    await peer.start(NOTHING);
    await peer.share(screen("slides"));
    expect(offers).toEqual([withPool]);
    await answer();
    expect(offers).toEqual([withPool, lines(OWN + 2 * POOL + 2)]);
  });

  it("with more lines goes out with what else has changed meanwhile", async () => {
    await peer.start(NOTHING);
    await peer.share(screen("slides"));
    await peer.need(1);
    await answer();
    expect(offers).toHaveLength(2);
    expect(offers[1]).toBe(lines(OWN + 2 * POOL + 2 + 2));
    await answer();
    expect(offers).toHaveLength(2);
  });

  it("is not forgotten because more is needed than the pool may hold", async () => {
    await peer.start(NOTHING);
    await answer();
    await peer.need(LARGEST_POOL);
    await answer();
    const full = offers.length;
    await peer.share(screen("slides"));
    await peer.need(5); // there is no room for them
    await peer.share(null);
    await answer();
    expect(offers).toHaveLength(full + 2);
  });

  it("made while another screen is chosen shares that one", async () => {
    const starting = peer.start({ ...NOTHING, screen: screen("before") });
    const sharing = peer.share(screen("after"));
    await Promise.all([starting, sharing]);
    expect(offers).toHaveLength(1);
    expect(connection.lines.map(({ sender }) => sender.track)).toContain("after");
    expect(connection.lines.map(({ sender }) => sender.track)).not.toContain("before");
  });
});

describe("an offer made before we are let in", () => {
  it("is said once, and waits for its answer from then on", async () => {
    await peer.prepare(NOTHING);
    await seconds(60);
    expect([offers, states, broken]).toEqual([[withPool], [], []]);
    await peer.start(NOTHING);
    expect([offers, states, broken]).toEqual([[withPool], ["new"], []]);
    await seconds(11);
    expect(broken).toEqual(["RF6304"]);
  });

  it("is followed by another when something was shared meanwhile", async () => {
    await peer.prepare(NOTHING);
    await peer.share(screen("slides"));
    await peer.start(NOTHING);
    await answer();
    expect(offers).toEqual([withPool, lines(OWN + 2 * POOL + 2)]);
  });

  it("is never said when it ends before", async () => {
    const preparing = peer.prepare(NOTHING);
    peer.close();
    await preparing;
    await peer.start(NOTHING);
    expect(offers).toEqual([]);
  });
});

describe("an offer that the browser does not make", () => {
  it("breaks the connection, so that another one is built", async () => {
    connection.refuses = true;
    await peer.start(NOTHING);
    expect([offers, broken]).toEqual([[], ["RF6302"]]);
  });

  it("is tried again when we are in, if it failed before", async () => {
    connection.refuses = true;
    await peer.prepare(NOTHING);
    expect([offers, broken]).toEqual([[], []]);
    connection.refuses = false;
    await peer.start(NOTHING);
    expect([offers, broken]).toEqual([[withPool], []]);
  });

  it("breaks it later, too", async () => {
    await peer.start(NOTHING);
    await answer();
    connection.refuses = true;
    await peer.share(screen("slides"));
    expect(broken).toEqual(["RF6302"]);
  });

  it("is no trouble of a connection that is closed", async () => {
    connection.refuses = true;
    const starting = peer.start(NOTHING);
    peer.close();
    await starting;
    expect(broken).toEqual([]);
  });
});

describe("an offer that nobody answers", () => {
  it("is said, and the connection given up for another one", async () => {
    await peer.start(NOTHING);
    await seconds(9);
    expect(broken).toEqual([]);
    await seconds(2);
    expect([states.at(-1), broken]).toEqual(["failed", ["RF6304"]]);
  });

  it("is no trouble once it is answered", async () => {
    await peer.start(NOTHING);
    await seconds(9);
    await answer();
    await seconds(60);
    expect(broken).toEqual([]);
  });

  it("is made once more while media flows, before that is given up", async () => {
    await peer.start(NOTHING);
    await answer();
    connection.becomes("connected");
    await peer.share(screen("slides"));
    await seconds(11);
    expect([offers.length, broken]).toEqual([3, []]);
    await answer();
    await seconds(60);
    expect(broken).toEqual([]);
    await peer.share(null);
    await seconds(21);
    expect([offers.length, broken]).toEqual([5, ["RF6304"]]);
  });

  it("is not made before the server knows us again, and then once", async () => {
    await peer.start(NOTHING);
    await answer();
    connection.becomes("connected");
    peer.hold();
    const before = offers.length;
    connection.becomes("disconnected");
    await peer.restart();
    await peer.share(screen("slides"));
    expect(offers).toHaveLength(before);
    await peer.resume();
    await answer();
    expect(offers).toHaveLength(before + 1);
  });

  it("is waited for while the server is lost, however long", async () => {
    await peer.start(NOTHING);
    await answer();
    connection.becomes("connected");
    await peer.share(screen("slides"));
    peer.hold();
    await peer.share(null);
    await seconds(600);
    expect(broken).toEqual([]);
    await peer.resume();
    const before = offers.length;
    await seconds(11);
    expect(offers).toHaveLength(before + 1);
  });
});
