// Responsible for: seeing oneself before a call, with microphone and camera switches and a level.
// Not responsible for: opening devices (the client does).
import { Mic, MicOff, Video, VideoOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { Picture } from "../parts/Picture";
import css from "./BeforeJoin.module.css";
import { watchLevel } from "./level";

interface PreviewProps {
  state: State;
  client: MeetingClient;
}

export function Preview({ state, client }: PreviewProps) {
  const { camera, muted } = state.media;
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
      </div>
      {!muted && <Level stream={client.localStream} />}
    </div>
  );
}

export function Level({ stream }: { stream: MediaStream | null }) {
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    if (!stream) return;
    return watchLevel(stream, (level) => {
      if (meter.current) meter.current.value = level;
    });
  }, [stream]);
  return (
    <meter
      ref={meter}
      className={css.level}
      aria-label={t("before.level")}
      min={0}
      max={1}
      value={0}
    />
  );
}
