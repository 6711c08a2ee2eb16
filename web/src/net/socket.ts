// Responsible for: the signalling WebSocket: JSON out and in, whether it is dead, and coming back when it is lost.
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
/** Where nothing arrives, an attempt hangs, and the system itself tries it ever more rarely: one anew is quicker. */
const LONGEST_ATTEMPT_MS = 10_000;
/** A server that is there gives a sign of life sooner than this. */
const SIGN_MS = 500;
/** docs/protocol: text frames of at most 1 MiB. */
const LONGEST_MESSAGE = 1 << 20;

export class SignallingSocket {
  readonly #connect: () => Connection;
  readonly #handlers: SocketHandlers;
  #connection: Connection | null = null;
  /** Is to take the other's place unless that gives a sign of life before this one is open. */
  #spare: Connection | null = null;
  #doubt: ReturnType<typeof setTimeout> | undefined;
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
    this.#timer = setTimeout(() => this.renew(), LONGEST_ATTEMPT_MS);
    connection.onopen = () => this.#opened();
    this.#listen(connection);
  }

  /** Nothing else comes through: does anything come over this connection? */
  probe(): void {
    const connection = this.#connection;
    if (connection?.readyState !== OPEN || this.#doubt !== undefined) return;
    this.send({ t: "ping" });
    this.#doubt = setTimeout(() => this.#openSpare(), SIGN_MS);
  }

  /** The network is back, or was silent, or this attempt hangs: whatever connection there was may be dead without saying so. */
  renew(): void {
    this.#trust();
    const connection = this.#connection;
    this.#connection = null;
    this.#wait = FIRST_WAIT_MS;
    if (connection !== null) {
      connection.close();
      this.#handlers.lost(this.#ever);
    }
    this.start();
  }

  /** There is no network: it is lost before anybody notices. */
  drop(): void {
    const connection = this.#connection;
    if (connection === null) return;
    connection.close();
    this.#lost(connection);
  }

  /** What cannot be sent is lost; after the next hello everything is said anew. */
  send(message: unknown): void {
    if (this.#connection?.readyState === OPEN) this.#connection.send(JSON.stringify(message));
  }

  close(): void {
    this.#closed = true;
    this.#trust();
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = null;
    connection?.close();
  }

  #opened(): void {
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT_MS;
    this.#ever = true;
    this.#handlers.open();
  }

  #listen(connection: Connection): void {
    connection.onmessage = ({ data }: { data: unknown }) => this.#received(connection, data);
    connection.onclose = () => this.#lost(connection);
  }

  /** A device that has another address reaches the server by another connection, and not by this one any more. */
  #openSpare(): void {
    const spare = this.#connect();
    this.#spare = spare;
    this.#doubt = setTimeout(() => this.#trust(), LONGEST_ATTEMPT_MS);
    spare.onclose = () => this.#spare === spare && this.#trust();
    spare.onopen = () => {
      if (this.#spare !== spare) return;
      this.#spare = null;
      this.#trust();
      const dead = this.#connection;
      this.#connection = spare;
      this.#listen(spare);
      dead?.close();
      this.#handlers.lost(true);
      this.#opened();
    };
  }

  /** Nothing is in doubt any more, or all of it is given up. */
  #trust(): void {
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
    const spare = this.#spare;
    this.#spare = null;
    spare?.close();
  }

  #received(connection: Connection, data: unknown): void {
    if (this.#connection !== connection) return;
    this.#trust();
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
    if (t !== "pong") this.#handlers.message(message as { t: string });
  }

  #lost(connection: Connection): void {
    if (this.#connection !== connection) return; // closed by us, or replaced
    this.#connection = null;
    this.#trust();
    clearTimeout(this.#timer);
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
