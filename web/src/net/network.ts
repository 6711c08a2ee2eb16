// Responsible for: noticing that the network went, came back or is another one, and that the device slept.
// Not responsible for: what follows from it (meeting.ts).

export interface NetworkHandlers {
  /** It is there again, or may be another one: connections of before may be dead without saying so. */
  back(): void;
  gone(): void;
  /** Another way out, on the same signalling. */
  moved(): void;
}

/** Network Information: of some browsers only, and `type` (Wi-Fi, cellular) of some devices only. */
type Connection = EventTarget & { type?: string };
const connection = (): Connection | null =>
  "connection" in navigator ? (navigator.connection as Connection) : null;

const LOOK_EVERY_MS = 1000;
/** A clock that jumped by so much stood still with the device. */
const SLEPT_MS = 10_000;

export class Network {
  readonly #handlers: NetworkHandlers;
  #timer: ReturnType<typeof setInterval> | undefined;
  #last = 0;
  readonly #back = () => this.#handlers.back();
  readonly #gone = () => this.#handlers.gone();
  #type: string | undefined;
  /** Said also when only the guess at how fast it is has changed: that moves nobody. */
  readonly #changed = () => {
    const before = this.#type;
    this.#type = connection()?.type;
    if (this.#type !== undefined && this.#type !== before) this.#handlers.moved();
  };

  constructor(handlers: NetworkHandlers) {
    this.#handlers = handlers;
  }

  watch(): void {
    addEventListener("online", this.#back);
    addEventListener("offline", this.#gone);
    this.#type = connection()?.type;
    connection()?.addEventListener("change", this.#changed);
    this.#last = Date.now();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  close(): void {
    removeEventListener("online", this.#back);
    removeEventListener("offline", this.#gone);
    connection()?.removeEventListener("change", this.#changed);
    clearInterval(this.#timer);
  }

  /**
   * Every second, by the worker: browsers wake timers of a page that nobody sees once a minute, and by those alone its clock
   * would seem to jump each time. A jump that the worker sees, too, is left for the page's own timer to find.
   */
  awake(): void {
    const now = Date.now();
    if (now - this.#last <= SLEPT_MS) this.#last = now;
  }

  #look(): void {
    const now = Date.now();
    if (now - this.#last > SLEPT_MS) this.#handlers.back();
    this.#last = now;
  }
}
