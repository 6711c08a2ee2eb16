// Responsible for: how loud the microphone hears, as it is now.
// Not responsible for: opening it (the client does).
import { useEffect, useRef } from "react";
import { t } from "../../messages";
import css from "./BeforeJoin.module.css";
import { watchLevel } from "./level";

export function LevelMeter({ stream }: { stream: MediaStream | null }) {
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
