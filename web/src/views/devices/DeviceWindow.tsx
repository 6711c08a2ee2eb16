// Responsible for: the dialog in which devices are chosen during a call.
// Not responsible for: the choice itself (DeviceChoice.tsx).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { Level } from "../meeting/Preview";
import { Window } from "../parts/Window";
import { DeviceChoice } from "./DeviceChoice";
import css from "./Devices.module.css";
import { DeviceTrouble } from "./DeviceTrouble";

interface DeviceWindowProps {
  state: State;
  client: MeetingClient;
  onClose: () => void;
}

export function DeviceWindow({ state, client, onClose }: DeviceWindowProps) {
  return (
    <Window title={t("devices.title")} onClose={onClose}>
      <p className={css.text}>{t("devices.text")}</p>
      <DeviceChoice state={state} client={client} />
      {!state.media.muted && (
        <div className={css.meter}>
          <span aria-hidden>{t("before.level")}</span>
          <Level stream={client.localStream} />
        </div>
      )}
      <DeviceTrouble codes={state.media.problems} client={client} />
    </Window>
  );
}
