// Responsible for: choosing among several microphones and cameras.
// Not responsible for: listing and opening them (the client does).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import css from "./BeforeJoin.module.css";

const kinds = [
  { kind: "microphone", list: "microphones" },
  { kind: "camera", list: "cameras" },
] as const;

export function DeviceChoice({ state, client }: { state: State; client: MeetingClient }) {
  const { devices } = state;
  const several = kinds.filter(({ list }) => devices[list].length > 1);
  if (several.length === 0) return null;
  return (
    <div className={css.devices}>
      {several.map(({ kind, list }) => (
        <label key={kind}>
          <span>{t(`before.${kind}`)}</span>
          <select
            value={devices[kind] ?? ""}
            onChange={(event) => client.useDevice(kind, event.target.value)}
          >
            {devices[list].map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}
