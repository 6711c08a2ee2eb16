// Responsible for: the dialog in which devices are chosen during a call.
// Not responsible for: the choice itself (DeviceChoice.tsx).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { PageAction } from "../../state/reducer";
import type { State } from "../../state/state";
import { LevelMeter } from "../meeting/LevelMeter";
import { Notices } from "../parts/Notices";
import { Window } from "../parts/Window";
import { DeviceChoice } from "./DeviceChoice";
import css from "./Devices.module.css";
import { DeviceTrouble } from "./DeviceTrouble";

interface DeviceWindowProps {
  state: State;
  client: MeetingClient;
  dispatch: (action: PageAction) => void;
  onClose: () => void;
}

export function DeviceWindow({ state, client, dispatch, onClose }: DeviceWindowProps) {
  return (
    <Window title={t("devices.title")} onClose={onClose}>
      <p className={css.text}>{t("devices.text")}</p>
      <DeviceChoice state={state} client={client} />
      {/* What follows from a choice: the bar is behind this dialog, and says nothing meanwhile. */}
      <Notices notices={state.notices} dispatch={dispatch} byDevices />
      {!state.media.muted && (
        <div className={css.meter}>
          <span aria-hidden>{t("before.level")}</span>
          <LevelMeter stream={client.localStream} />
        </div>
      )}
      <DeviceTrouble codes={state.media.problems} client={client} />
    </Window>
  );
}
