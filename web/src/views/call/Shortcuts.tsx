// Responsible for: the keyboard shortcuts of a call, the list of them, and turning them off.
// Not responsible for: reaching things with Tab, which works without them.
import { useLayoutEffect, useRef, useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Panel, State } from "../../state/state";
import { keep, recall } from "../../stored";
import { Window } from "../parts/Window";
import parts from "../parts/parts.module.css";
import css from "./Shortcuts.module.css";

const KEY = "ringfence.shortcuts";
const list = [
  { key: "M", words: "keys.mute" },
  { key: "V", words: "keys.camera" },
  { key: "S", words: "keys.share" },
  { key: "C", words: "keys.chat" },
  { key: "P", words: "keys.people" },
  { key: t("keys.space.name"), words: "keys.space" },
  { key: "?", words: "keys.help" },
] as const;

function areOn(): boolean {
  return recall("localStorage", KEY) !== "off";
}

interface Actions {
  state: State;
  client: MeetingClient;
  toggle: (panel: Panel) => void;
  help: () => void;
}

/** Not while somebody types, answers a dialog, or holds a modifier for the browser or reader. */
function isOurs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !areOn()) return false;
  const target = event.target as Element | null;
  return !target?.closest("input, textarea, select, [contenteditable], [role*='dialog']");
}

export function useShortcuts(actions: Actions): void {
  const latest = useRef(actions);
  const talking = useRef(false);
  useLayoutEffect(() => {
    latest.current = actions;
  });
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isOurs(event)) return;
      const { state, client, toggle, help } = latest.current;
      const { media, screen } = state;
      if (event.key === " ") {
        // On a button, Space presses it.
        if ((event.target as Element).closest("button, a, summary, [tabindex='0']")) return;
        event.preventDefault();
        if (!media.muted) return;
        talking.current = true;
        client.setMuted(false);
        return;
      }
      const action = {
        m: () => client.setMuted(!media.muted),
        v: () => client.setCamera(!media.camera),
        s: () => (screen.sharing ? client.stopSharing() : client.share()),
        c: () => toggle("chat"),
        p: () => toggle("people"),
        "?": help,
      }[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    const hush = () => {
      if (!talking.current) return;
      talking.current = false;
      latest.current.client.setMuted(true);
    };
    const release = (event: KeyboardEvent) => event.key === " " && hush();
    addEventListener("keydown", press);
    addEventListener("keyup", release);
    addEventListener("blur", hush);
    return () => {
      removeEventListener("keydown", press);
      removeEventListener("keyup", release);
      removeEventListener("blur", hush);
    };
  }, []);
}

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(areOn);
  const turn = (wanted: boolean) => {
    setOn(wanted);
    keep("localStorage", KEY, wanted ? "on" : "off");
  };
  return (
    <Window title={t("keys.title")} onClose={onClose}>
      <dl className={css.keys}>
        {list.map(({ key, words }) => (
          <div key={words}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
      <label className={css.off}>
        <input
          type="checkbox"
          className={parts.check}
          checked={on}
          onChange={(event) => turn(event.target.checked)}
        />
        {t("keys.off")}
      </label>
    </Window>
  );
}
