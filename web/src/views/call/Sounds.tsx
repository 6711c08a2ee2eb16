// Responsible for: playing the others' sound, one audio element each.
// Not responsible for: decoding or opening sealed frames (net/, e2ee/).
import { useEffect, useRef, useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { Warning } from "../parts/Alert";
import { Button } from "../parts/Button";
import css from "./Sounds.module.css";

export function Sounds({ state, client }: { state: State; client: MeetingClient }) {
  const [blocked, setBlocked] = useState(false);
  const all = useRef<HTMLDivElement>(null);
  const heard = state.tracks.filter(({ context }) => context === 0 || context === 2);
  const allow = () => {
    setBlocked(false);
    for (const element of all.current?.querySelectorAll("audio") ?? []) {
      element.play().catch(() => setBlocked(true));
    }
  };
  return (
    <div ref={all}>
      {heard.map(({ leaf, context }) => (
        <Sound
          key={`${leaf} ${context}`}
          stream={client.stream(leaf, context)}
          speaker={state.devices.speaker}
          onBlocked={() => setBlocked(true)}
        />
      ))}
      <div role="status">
        {blocked && (
          <div className={css.blocked}>
            <Warning title={t("call.sound.blocked")}>
              <Button look="primary" onClick={allow}>
                {t("call.sound.allow")}
              </Button>
            </Warning>
          </div>
        )}
      </div>
    </div>
  );
}

interface SoundProps {
  stream: MediaStream | null;
  /** Null: the browser's own choice. */
  speaker: string | null;
  onBlocked: () => void;
}

function Sound({ stream, speaker, onBlocked }: SoundProps) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element || !("setSinkId" in element)) return;
    // Refused for one that was just unplugged: the list without it follows, and with it another choice.
    element.setSinkId(speaker ?? "").catch(() => undefined);
  }, [speaker]);
  useEffect(() => {
    const element = audio.current;
    if (!element || element.srcObject === stream) return;
    element.srcObject = stream;
    // A new stream interrupts the last one (AbortError); only a refusal asks for the person's press.
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
  }, [stream, onBlocked]);
  return <audio ref={audio} autoPlay hidden />;
}
