// Responsible for: choosing microphone, speaker and camera, before a call and in it.
// Not responsible for: listing and opening them (the client does).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import css from "./Devices.module.css";

const kinds = [
  { kind: "microphone", list: "microphones" },
  { kind: "speaker", list: "speakers" },
  { kind: "camera", list: "cameras" },
] as const;

export function DeviceChoice({ state, client }: { state: State; client: MeetingClient }) {
  const { devices } = state;
  return (
    <div className={css.devices}>
      {kinds.map(({ kind, list }) => {
        const there = devices[list];
        const used = there.find(({ id }) => id === devices[kind]) ?? there[0];
        return (
          <label key={kind}>
            <span>{t(`devices.${kind}`)}</span>
            <select
              value={used?.id ?? ""}
              disabled={there.length === 0}
              onChange={(event) => client.useDevice(kind, event.target.value)}
            >
              {there.length === 0 && <option value="">{t(`devices.${kind}.none`)}</option>}
              {there.map(({ id, label }, index) => (
                <option key={id} value={id}>
                  {label || t("devices.unnamed", { kind: t(`devices.${kind}`), number: index + 1 })}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </div>
  );
}
