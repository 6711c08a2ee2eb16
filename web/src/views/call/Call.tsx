// Responsible for: the call: bar, banners, tiles, one panel at a time, controls.
// Not responsible for: what is in each of them.
import { useRef, useState } from "react";
import type { MeetingClient } from "../../state/client";
import type { PageAction } from "../../state/reducer";
import type { Panel, State } from "../../state/state";
import { KeepFocus } from "../parts/KeepFocus";
import { DeviceWindow } from "../devices/DeviceWindow";
import { Banners } from "./Banners";
import css from "./Call.module.css";
import { Chat } from "./Chat";
import { Knocks } from "./Knocks";
import { People } from "./People";
import { Sayings } from "./Sayings";
import { SharingNote } from "./SharingNote";
import { Shortcuts, useShortcuts } from "./Shortcuts";
import { Sounds } from "./Sounds";
import { Stage } from "./Stage";
import { Toolbar } from "./Toolbar";
import { TopBar } from "./TopBar";
import { Where } from "./Where";

export interface CallProps {
  state: State;
  client: MeetingClient;
  dispatch: (action: PageAction) => void;
}

export function Call({ state, client, dispatch }: CallProps) {
  const [helping, setHelping] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const opener = useRef<HTMLElement | null>(null);
  const show = (panel: Panel | null) => {
    if (panel) opener.current = document.activeElement as HTMLElement | null;
    dispatch({ t: "show", panel });
    // Back to where the panel was opened from, so that the keyboard is not lost.
    if (!panel) opener.current?.focus();
  };
  const toggle = (panel: Panel) => show(state.panel === panel ? null : panel);
  useShortcuts({ state, client, toggle, help: () => setHelping(true) });
  const close = () => show(null);
  return (
    <KeepFocus className={css.call}>
      <TopBar state={state} dispatch={dispatch} quiet={choosing} onWhere={() => toggle("where")} />
      <main className={css.main}>
        <Banners state={state} client={client} dispatch={dispatch} />
        <div className={css.rest}>
          <SharingNote state={state} client={client} />
          <Knocks knocks={state.knocks} client={client} />
          <Stage state={state} client={client} />
        </div>
      </main>
      {state.panel === "chat" && <Chat state={state} client={client} onClose={close} />}
      {state.panel === "people" && <People state={state} client={client} onClose={close} />}
      {state.panel === "where" && <Where state={state} client={client} onClose={close} />}
      <Toolbar
        state={state}
        client={client}
        onToggle={toggle}
        onDevices={() => setChoosing(true)}
        onHelp={() => setHelping(true)}
      />
      <Sounds state={state} client={client} />
      <Sayings state={state} />
      {choosing && (
        <DeviceWindow
          state={state}
          client={client}
          dispatch={dispatch}
          onClose={() => setChoosing(false)}
        />
      )}
      {helping && <Shortcuts onClose={() => setHelping(false)} />}
    </KeepFocus>
  );
}
