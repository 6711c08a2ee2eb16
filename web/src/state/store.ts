// Responsible for: holding the state of one meeting and telling the views when it changed.
// Not responsible for: how it changes (reducer.ts).
import { useSyncExternalStore } from "react";
import type { MeetingClient } from "./client";
import type { PageEvent } from "./events";
import { keepRead, unreadSince } from "./reading";
import { reduce, type PageAction } from "./reducer";
import { start, type State } from "./state";

export class Store {
  #state: State;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(now: () => number, state: State = start(now())) {
    this.#now = now;
    this.#state = state;
  }

  readonly current = (): State => this.#state;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly dispatch = (event: PageEvent | PageAction): void => {
    const next = reduce(this.#state, event, this.#now());
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  };
}

export function openStore(client: MeetingClient): Store {
  const store = new Store(Date.now);
  store.listen(() => keepRead(store.current()));
  client.subscribe((event) => {
    const loaded = store.current().meeting === null;
    store.dispatch(event);
    const unread = event.t === "meeting" && loaded ? unreadSince(event) : null;
    if (unread) store.dispatch(unread);
  });
  return store;
}

export function useStore(store: Store): State {
  return useSyncExternalStore(store.listen, store.current);
}
