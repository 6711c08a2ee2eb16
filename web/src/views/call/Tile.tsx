// Responsible for: one participant: picture or initials, name, role, muted, speaking.
// Not responsible for: where the tile stands (Stage.tsx) or its sound (Sounds.tsx).
import { AudioLines, Crown, MicOff, Unplug } from "lucide-react";
import { useEffect } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Member } from "../../state/events";
import type { State } from "../../state/state";
import { Picture } from "../parts/Picture";
import css from "./Tile.module.css";

interface TileProps {
  member: Member;
  state: State;
  client: MeetingClient;
  width: number;
  height: number;
}

export function Tile({ member, state, client, width, height }: TileProps) {
  const { leaf, you } = member;
  const muted = you ? state.media.muted : member.muted;
  const camera = you ? state.media.camera : member.camera;
  const speaking = state.speaking.includes(leaf) && !muted;
  useEffect(() => {
    if (you) return;
    client.setView(leaf, 1, Math.round(height * devicePixelRatio));
    return () => client.setView(leaf, 1, 0);
  }, [client, leaf, you, height]);
  const name = member.name ?? t("tile.guest");
  const shown = you ? t("tile.you", { name }) : name;
  const away = !member.present && !you;
  return (
    <figure
      ref={(element) => {
        element?.style.setProperty("--width", `${width}px`);
        element?.style.setProperty("--height", `${height}px`);
      }}
      className={`${css.tile} ${speaking ? css.speaking : ""} ${camera ? "" : css.dark}`}
      aria-label={member.role === "host" ? `${shown}, ${t("tile.host")}` : shown}
    >
      <Picture stream={you ? client.localStream : client.stream(leaf, 1)} mirrored={you} />
      {!camera && (
        <div className={css.face} role="img" aria-label={t("tile.nocamera")}>
          <span>{initials(name)}</span>
        </div>
      )}
      <div className={css.label}>
        {muted && <MicOff size={16} role="img" aria-label={t("tile.muted")} />}
        {speaking && <AudioLines size={16} role="img" aria-label={t("tile.speaking")} />}
        {away && <Unplug size={16} role="img" aria-label={t("tile.away")} />}
        {/* The figure says the name already. */}
        <span className={css.name} aria-hidden>
          {shown}
        </span>
        {member.role === "host" && <Crown size={14} aria-hidden />}
      </div>
    </figure>
  );
}

const graphemes = new Intl.Segmenter();

function initials(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  const first = (word = "") => graphemes.segment(word).containing(0)?.segment ?? "";
  return ends.map(first).join("").toUpperCase();
}
