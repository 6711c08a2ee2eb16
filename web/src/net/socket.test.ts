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
    socket.hurry();
    expect(connections).toHaveLength(2);
    vi.advanceTimersByTime(10_000);
    expect(connections).toHaveLength(2);
  });

  it("stays closed once it is closed", () => {
    last().opens();
    socket.close();
    vi.advanceTimersByTime(60_000);
    socket.hurry();
    expect(connections).toHaveLength(1);
    expect(heard).toEqual(["open"]);
  });
});

it("is at the page's own origin", () => {
  const at = (url: string) => signallingUrl("abc", new URL(url) as unknown as Location);
  expect(at("http://localhost:8000/m/abc")).toBe("ws://localhost:8000/api/v1/meetings/abc/session");
  expect(at("https://example.org/m/abc")).toBe("wss://example.org/api/v1/meetings/abc/session");
});
