// Responsible for: which page of a meeting is shown in which phase.
// Not responsible for: the pages themselves.
import { useEffect, useRef } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { useStore, type Store } from "../../state/store";
import { Call } from "../call/Call";
import { Ended } from "../ends/Ended";
import { Halted } from "../ends/Halted";
import { Stopped } from "../ends/Stopped";
import { Unsupported } from "../ends/Unsupported";
import { SaidChanges } from "../parts/Changes";
import { BeforeJoin } from "./BeforeJoin";
import { Lobby } from "./Lobby";
import { Opening } from "./Opening";

/** No encoded transforms, or no secure context: not this meeting's fault, so not the fence's page. */
const UNSUPPORTED = ["RF6001", "RF6002"];

/** Refused by the fence (RF2…) or because what was shown does not follow from what was signed (RF3…). */
const REFUSED = /^RF[23]/;

interface AfterProps {
  state: State;
  client: MeetingClient;
  onRejoin: () => void;
}

function AfterStop({ state, client, onRejoin }: AfterProps) {
  const code = state.code ?? "";
  if (UNSUPPORTED.includes(code)) return <Unsupported code={code} />;
  // Without a code it is a refusal too: there is no way past it.
  if (code === "" || REFUSED.test(code)) return <Stopped state={state} client={client} />;
  return <Halted state={state} client={client} onRejoin={onRejoin} />;
}

/** What was pressed is gone with the old page: reading goes on at the head of the new one. */
function useFocusOnNewPage(page: string): void {
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    if (document.activeElement === document.body) document.querySelector("h1")?.focus();
  }, [page]);
}

interface MeetingProps {
  client: MeetingClient;
  store: Store;
  onRejoin: () => void;
}

export function Meeting({ client, store, onRejoin }: MeetingProps) {
  const state = useStore(store);
  const title = state.meeting?.title;
  useEffect(() => {
    document.title = title ? `${title} · ${t("brand")}` : t("brand");
  }, [title]);
  useFocusOnNewPage(state.phase === "joining" ? "ready" : state.phase);
  return (
    <>
      <PageOf state={state} client={client} store={store} onRejoin={onRejoin} />
      <SaidChanges state={state} />
    </>
  );
}

function PageOf({ state, client, store, onRejoin }: MeetingProps & { state: State }) {
  // Who loses the server in a call stays in it: the client comes back by itself.
  const coming = state.lostAt !== null && state.joinedAt !== null && state.phase !== "waiting";
  if (state.phase === "in" || coming) {
    return <Call state={state} client={client} dispatch={store.dispatch} />;
  }
  switch (state.phase) {
    case "connecting":
      return <Opening state={state} />;
    case "ready":
    case "joining":
      return <BeforeJoin state={state} client={client} dispatch={store.dispatch} />;
    case "waiting":
      return <Lobby state={state} client={client} dispatch={store.dispatch} />;
    case "stopped":
      return <AfterStop state={state} client={client} onRejoin={onRejoin} />;
    case "left":
    case "removed":
    case "denied":
    case "lost":
      return <Ended phase={state.phase} state={state} client={client} onRejoin={onRejoin} />;
  }
}
