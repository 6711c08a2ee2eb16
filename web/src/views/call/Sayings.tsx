// Responsible for: what a screen reader says of changes that are otherwise only seen: microphone, camera, screens,
// new messages.
// Not responsible for: what is also written on the page (TopBar, Banners, Knocks, SharingNote).
import { t } from "../../messages";
import type { State } from "../../state/state";
import parts from "../parts/parts.module.css";

const nameOf = ({ members }: State, leaf: number): string =>
  members.find((member) => member.leaf === leaf)?.name ?? t("tile.guest");

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
      <p role="status" aria-label={t("call.share")}>
        {!state.screen.sharing && t("say.screen.yours.not")}
      </p>
      <div role="status" aria-atomic="false" aria-label={t("screen.choose")}>
        {state.sharers.map((leaf) => (
          <p key={leaf}>{t("say.screen", { name: nameOf(state, leaf) })}</p>
        ))}
        {state.sharers.length === 0 && <p>{t("say.screen.none")}</p>}
      </div>
      <p role="status" aria-label={t("chat.title")}>
        {state.unread > 0 && t("call.unread", { count: state.unread })}
      </p>
    </div>
  );
}
