// Responsible for: the signalling socket: what comes through, and how it comes back.
// Not responsible for: what the server says.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SignallingSocket, signallingUrl, type Connection } from "./socket";

class FakeConnection {
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

let connections: FakeConnection[];
let heard: unknown[];
let socket: SignallingSocket;

beforeEach(() => {
  vi.useFakeTimers();
  [connections, heard] = [[], []];
  socket = new SignallingSocket(
    {
      open: () => heard.push("open"),
      message: (message) => heard.push(message),
      lost: (ever) => heard.push(ever ? "lost" : "refused"),
    },
    () => {
      const connection = new FakeConnection();
      connections.push(connection);
      return connection as unknown as Connection;
    },
  );
  socket.start();
});

afterEach(() => {
  vi.useRealTimers();
});

const last = (): FakeConnection => {
  const connection = connections.at(-1);
  if (connection === undefined) throw new Error("no connection");
  return connection;
};

describe("the signalling socket", () => {
  it("passes JSON both ways", () => {
    last().opens();
    socket.send({ t: "hello" });
    last().onmessage?.({ data: '{"t":"welcome"}' });
    expect(last().sent).toEqual(['{"t":"hello"}']);
    expect(heard).toEqual(["open", { t: "welcome" }]);
  });

  it.each([
    ["binary", new ArrayBuffer(2)],
    ["no JSON", "hello"],
    ["no message", "[1]"],
    ["nothing", "null"],
    ["more than 1 MiB", JSON.stringify({ t: "x".repeat(1 << 20) })],
  ])("leaves a server that sends %s", (_, data) => {
    last().opens();
    last().onmessage?.({ data });
    expect(heard).toEqual(["open", "lost"]);
  });

  it("comes back, later each time, and at once again after it was there", () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      last().close();
      const [count, before] = [connections.length, Date.now()];
      while (connections.length === count) vi.advanceTimersToNextTimer();
      waits.push(Date.now() - before);
    }
    expect(waits[0]).toBeLessThanOrEqual(250);
    expect(waits[7]).toBeGreaterThanOrEqual(4000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(8000);
    last().opens();
    last().close();
    vi.advanceTimersByTime(250);
    expect(connections).toHaveLength(10);
  });

  it("tells a connection that was lost from one that never was", () => {
    last().close();
    vi.advanceTimersByTime(250);
    last().opens();
    last().close();
    expect(heard).toEqual(["refused", "open", "lost"]);
  });

  it("hears nothing more of a connection that it left", () => {
    last().opens();
    const old = last();
    old.close();
    vi.advanceTimersByTime(250);
    old.onmessage?.({ data: '{"t":"late"}' });
    expect(heard).toEqual(["open", "lost"]);
  });

  it("does not wait when the network is back", () => {
    last().close();
    socket.renew();
    last().opens();
    vi.advanceTimersByTime(60_000);
    expect(connections).toHaveLength(2);
  });

  it("gives up an attempt that hangs, and makes another at once", () => {
    last().opens();
    last().close();
    vi.advanceTimersByTime(250);
    const hanging = last();
    vi.advanceTimersByTime(10_000);
    expect([hanging.readyState, connections.length]).toEqual([3, 3]);
    last().opens();
    vi.advanceTimersByTime(60_000);
    expect(connections).toHaveLength(3);
    expect(heard).toEqual(["open", "lost", "lost", "open"]);
  });

  it("leaves a connection that may be dead for a new one", () => {
    last().opens();
    const old = last();
    socket.renew();
    last().opens();
    old.onmessage?.({ data: '{"t":"late"}' });
    expect([old.readyState, connections.length]).toEqual([3, 2]);
    expect(heard).toEqual(["open", "lost", "open"]);
  });

  it("is lost as soon as the network is, and tries again", () => {
    last().opens();
    socket.drop();
    expect(heard).toEqual(["open", "lost"]);
    vi.advanceTimersByTime(250);
    expect(connections).toHaveLength(2);
  });

  describe("that may be dead", () => {
    const PING = '{"t":"ping"}';
    let doubted: FakeConnection;
    beforeEach(() => {
      last().opens();
      doubted = last();
      socket.probe();
    });

    it("is asked, and kept when it answers", () => {
      expect(doubted.sent).toEqual([PING]);
      doubted.onmessage?.({ data: '{"t":"pong"}' });
      vi.advanceTimersByTime(60_000);
      expect(connections).toHaveLength(1);
      expect(heard).toEqual(["open"]);
    });

    it("is kept when it answers late, but before another is open", () => {
      vi.advanceTimersByTime(600);
      const spare = last();
      doubted.onmessage?.({ data: '{"t":"speaking","leaves":[]}' });
      expect([spare.readyState, doubted.readyState]).toEqual([3, 1]);
      spare.onopen?.();
      expect(heard).toEqual(["open", { t: "speaking", leaves: [] }]);
    });

    it("gives its place to another as soon as that is open", () => {
      vi.advanceTimersByTime(600);
      expect(heard).toEqual(["open"]);
      last().opens();
      expect(heard).toEqual(["open", "lost", "open"]);
      expect(doubted.readyState).toBe(3);
      doubted.onmessage?.({ data: '{"t":"late"}' });
      last().onmessage?.({ data: '{"t":"news"}' });
      expect(heard.slice(3)).toEqual([{ t: "news" }]);
      last().close();
      vi.advanceTimersByTime(250);
      expect(connections).toHaveLength(3);
    });

    it("is asked once at a time, and anew after no other could be opened", () => {
      socket.probe();
      expect(doubted.sent).toEqual([PING]);
      vi.advanceTimersByTime(600);
      last().close();
      expect(heard).toEqual(["open"]);
      socket.probe();
      expect(doubted.sent).toEqual([PING, PING]);
      vi.advanceTimersByTime(600);
      expect(connections).toHaveLength(3);
    });

    it("is asked anew after an attempt beside it hung for long", () => {
      vi.advanceTimersByTime(600);
      const hanging = last();
      vi.advanceTimersByTime(10_000);
      expect([hanging.readyState, doubted.readyState]).toEqual([3, 1]);
      socket.probe();
      expect(doubted.sent).toEqual([PING, PING]);
    });

    it.each(["renew", "drop", "close"] as const)("is not asked any more after %s", (what) => {
      vi.advanceTimersByTime(600);
      const spare = last();
      socket[what]();
      expect(spare.readyState).toBe(3);
      spare.onopen?.();
      expect(heard.filter((one) => one === "open")).toHaveLength(1);
    });
  });

  it("stays closed once it is closed", () => {
    last().opens();
    socket.close();
    vi.advanceTimersByTime(60_000);
    socket.renew();
    expect(connections).toHaveLength(1);
    expect(heard).toEqual(["open"]);
  });
});

it("is at the page's own origin", () => {
  const at = (url: string) => signallingUrl("abc", new URL(url) as unknown as Location);
  expect(at("http://localhost:8000/m/abc")).toBe("ws://localhost:8000/api/v1/meetings/abc/session");
  expect(at("https://example.org/m/abc")).toBe("wss://example.org/api/v1/meetings/abc/session");
});
