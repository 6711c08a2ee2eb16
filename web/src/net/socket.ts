// Responsible for: the signalling WebSocket: JSON out and in, and coming back when it is lost.
// Not responsible for: what the messages mean (core/e2ee in the worker).

export interface SocketHandlers {
  open(): void;
  message(message: { t: string }): void;
  /** Not there; the next attempt follows by itself. `ever`: it was open before. */
  lost(ever: boolean): void;
}

/** What is used of a WebSocket. */
export type Connection = Pick<
  WebSocket,
  "onopen" | "onmessage" | "onclose" | "readyState" | "send" | "close"
>;

const OPEN = 1;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
/** docs/protocol: text frames of at most 1 MiB. */
const LONGEST_MESSAGE = 1 << 20;

export class SignallingSocket {
  readonly #connect: () => Connection;
  readonly #handlers: SocketHandlers;
  #connection: Connection | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_WAIT_MS;
  #ever = false;
  #closed = false;

  constructor(handlers: SocketHandlers, connect: () => Connection) {
    this.#handlers = handlers;
    this.#connect = connect;
  }

  start(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const connection = this.#connect();
    this.#connection = connection;
    connection.onopen = () => {
      this.#wait = FIRST_WAIT_MS;
      this.#ever = true;
      this.#handlers.open();
    };
    connection.onmessage = ({ data }: { data: unknown }) => this.#received(connection, data);
    connection.onclose = () => this.#lost(connection);
  }

  /** The network is back: no reason to wait any longer. */
  hurry(): void {
    if (this.#connection === null) this.start();
  }

  /** What cannot be sent is lost; after the next hello everything is said anew. */
  send(message: unknown): void {
    if (this.#connection?.readyState === OPEN) this.#connection.send(JSON.stringify(message));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }

  #received(connection: Connection, data: unknown): void {
    if (this.#connection !== connection) return;
    if (typeof data !== "string" || data.length > LONGEST_MESSAGE) {
      connection.close();
      return;
    }
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      connection.close();
      return;
    }
    const t = (message as { t?: unknown } | null)?.t;
    if (typeof t !== "string") {
      connection.close();
      return;
    }
    this.#handlers.message(message as { t: string });
  }

  #lost(connection: Connection): void {
    if (this.#connection !== connection) return; // closed by us, or replaced
    this.#connection = null;
    // Half at random, so that a meeting does not come back in one blow.
    const wait = this.#wait * (0.5 + Math.random() / 2);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.start(), wait);
    this.#handlers.lost(this.#ever);
  }
}

export function signallingUrl(meeting: string, page: Location): string {
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${page.host}/api/v1/meetings/${encodeURIComponent(meeting)}/session`;
}
