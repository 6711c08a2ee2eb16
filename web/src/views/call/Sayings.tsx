// Responsible for: what a screen reader says of changes that are otherwise only seen: microphone, camera, new messages.
// Not responsible for: what is also written on the page (TopBar, Banners, Knocks).
import { t } from "../../messages";
import type { State } from "../../state/state";
import parts from "../parts/parts.module.css";

/** Each is there from the start, so that only its changes are said. */
export function Sayings({ state }: { state: State }) {
  const { muted, camera } = state.media;
  return (
    <div className={parts.unseen}>
      <p role="status" aria-label={t("devices.microphone")}>
        {t(muted ? "say.muted" : "say.unmuted")}
      </p>
      <p role="status" aria-label={t("devices.camera")}>
        {t(camera ? "say.camera.on" : "say.camera.off")}
      </p>
      <p role="status" aria-label={t("chat.title")}>
        {state.unread > 0 && t("call.unread", { count: state.unread })}
      </p>
    </div>
  );
}
