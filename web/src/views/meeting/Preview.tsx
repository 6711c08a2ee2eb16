// Responsible for: seeing oneself before a call, with microphone and camera switches, a level, and the way to the devices.
// Not responsible for: opening devices (the client does).
import { Mic, MicOff, SlidersHorizontal, Video, VideoOff } from "lucide-react";
import { useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { PageAction } from "../../state/reducer";
import type { State } from "../../state/state";
import { DeviceWindow } from "../devices/DeviceWindow";
import { Picture } from "../parts/Picture";
import css from "./BeforeJoin.module.css";
import { LevelMeter } from "./LevelMeter";

interface PreviewProps {
  state: State;
  client: MeetingClient;
  dispatch: (action: PageAction) => void;
}

export function Preview({ state, client, dispatch }: PreviewProps) {
  const { camera, muted } = state.media;
  const [choosing, setChoosing] = useState(false);
  return (
    <div className={css.preview}>
      <Picture stream={client.localStream} mirrored label={t("before.preview")} />
      {!camera && <p className={css.off}>{t("before.nocamera")}</p>}
      <div className={css.switches}>
        <button
          type="button"
          className={muted ? css.off_switch : css.switch}
          aria-label={t(muted ? "call.unmute" : "call.mute")}
          onClick={() => client.setMuted(!muted)}
        >
          {muted ? <MicOff size={22} aria-hidden /> : <Mic size={22} aria-hidden />}
        </button>
        <button
          type="button"
          className={camera ? css.switch : css.off_switch}
          aria-label={t(camera ? "call.camera.off" : "call.camera.on")}
          onClick={() => client.setCamera(!camera)}
        >
          {camera ? <Video size={22} aria-hidden /> : <VideoOff size={22} aria-hidden />}
        </button>
        <button
          type="button"
          className={`${css.switch} ${css.choose}`}
          aria-label={t("call.devices")}
          aria-haspopup="dialog"
          onClick={() => setChoosing(true)}
        >
          <SlidersHorizontal size={22} aria-hidden />
        </button>
      </div>
      {!muted && <LevelMeter stream={client.localStream} />}
      {choosing && (
        <DeviceWindow
          state={state}
          client={client}
          dispatch={dispatch}
          onClose={() => setChoosing(false)}
        />
      )}
    </div>
  );
}
