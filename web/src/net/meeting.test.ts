// Responsible for: what ends with a phase of a meeting: a shared screen in the lobby, every worker at its end; and
// whose clock says that the device slept.
// Not responsible for: what the others see of it (tests/browser).
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FromWorker } from "../e2ee/messages";
import type { PageEvent, Phase } from "../state/events";
import { Meeting } from "./meeting";

class FakeWorker {
  onmessage: ((event: { data: FromWorker }) => void) | null = null;
  postMessage = () => undefined;
  terminate = vi.fn();
}
let workers: FakeWorker[] = [];
vi.mock("./worker", () => ({
  newWorker: () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  },
}));

class FakeTrack {
  contentHint = "";
  stopped = false;
  onended = null;
  stop = () => (this.stopped = true);
}

class FakeSocket {
  onopen: (() => void) | null = null;
  close = () => undefined;
}

let picture: FakeTrack;
const stream = { getVideoTracks: () => [picture], getAudioTracks: () => [] };
beforeEach(() => {
  [workers, picture] = [[], new FakeTrack()];
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("RTCPeerConnection", Object);
  vi.stubGlobal("RTCRtpScriptTransform", Object);
  vi.stubGlobal("MediaStream", Array);
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("location", { origin: "https://meet.example.org" });
  vi.stubGlobal("sessionStorage", { getItem: () => null, removeItem: () => undefined });
  vi.stubGlobal("navigator", {
    mediaDevices: {
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      enumerateDevices: () => new Promise(() => undefined), // no other devices here
      getDisplayMedia: () => Promise.resolve(stream),
      getSupportedConstraints: () => ({}),
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function opened() {
  const meeting = new Meeting("AAECAwQFBgcICQoLDA0ODw", null);
  const events: PageEvent[] = [];
  meeting.subscribe((event) => events.push(event));
  meeting.open();
  const enters = (phase: Phase) =>
    workers[0]?.onmessage?.({ data: { t: "event", event: { t: "phase", phase } } });
  return { meeting, enters, events };
}

it("a screen that was shared when the server was lost ends in the lobby", async () => {
  const { meeting, enters, events } = opened();
  meeting.share();
  await vi.waitFor(() => expect(events).toContainEqual(sharing(true)));
  enters("lost");
  expect(picture.stopped).toBe(false);
  enters("waiting");
  expect(picture.stopped).toBe(true);
  expect(events).toContainEqual(sharing(false));
  enters("left");
});

const sharing = (is: boolean): PageEvent => ({ t: "screen", sharing: is, sound: false });

it("a device that slept, by the worker's clock, gets another connection to the server", () => {
  vi.useFakeTimers();
  const sockets: FakeSocket[] = [];
  vi.stubGlobal("WebSocket", function newSocket() {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
  const { enters } = opened();
  const says = (data: FromWorker) => workers[0]?.onmessage?.({ data });
  says({ t: "opened" });
  sockets[0]?.onopen?.();
  for (let second = 0; second < 120; second++) {
    says({ t: "counts", counts: [] });
    vi.setSystemTime(Date.now() + 1000); // and no timer of the page is woken: nobody looks at it
  }
  vi.advanceTimersByTime(1000);
  expect(sockets).toHaveLength(1);
  vi.setSystemTime(Date.now() + 30_000);
  says({ t: "counts", counts: [] });
  vi.advanceTimersByTime(1000);
  expect(sockets).toHaveLength(2);
  enters("left");
});

it("both workers end with the meeting: its own, and the one that was asked about fences", async () => {
  vi.useFakeTimers();
  const { meeting, enters } = opened();
  const asked = meeting.directory.presets();
  expect(workers).toHaveLength(2);
  const refused = expect(asked).rejects.toMatchObject({ code: "RF6103" });
  enters("left");
  expect(workers[1]?.terminate).toHaveBeenCalledOnce();
  await refused;
  // Its own has to answer for its last receipts, or never will.
  expect(workers[0]?.terminate).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(workers[0]?.terminate).toHaveBeenCalledOnce();
});
