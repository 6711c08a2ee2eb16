// Responsible for: telling who shares their screen that they do, and what of it.
// Not responsible for: ending it (the toolbar's button, or the browser's own bar).
import { MonitorUp } from "lucide-react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { Picture } from "../parts/Picture";
import css from "./SharingNote.module.css";

export function SharingNote({ state, client }: { state: State; client: MeetingClient }) {
  const { sharing, sound } = state.screen;
  return (
    <div role="status" className={css.around}>
      {sharing && (
        <div className={css.note}>
          <div className={css.picture} aria-hidden>
            <Picture stream={client.localScreen} whole />
          </div>
          <MonitorUp size={18} aria-hidden />
          <p>{t(sound ? "screen.yours.sound" : "screen.yours")}</p>
        </div>
      )}
    </div>
  );
}
