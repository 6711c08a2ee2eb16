// Responsible for: one's own small picture beside one other, in a corner, moved by hand or by key.
// Not responsible for: what it shows (Tile.tsx).
import { Move } from "lucide-react";
import { useRef, useState, type PointerEvent } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Member } from "../../state/events";
import type { State } from "../../state/state";
import css from "./Stage.module.css";
import { Tile } from "./Tile";
import type { Size } from "./useSize";

const CORNERS = ["bottom-end", "bottom-start", "top-start", "top-end"] as const;
type Corner = (typeof CORNERS)[number];

interface SmallSelfProps {
  own: Member;
  size: Size;
  state: State;
  client: MeetingClient;
}

export function SmallSelf({ own, size, state, client }: SmallSelfProps) {
  const [corner, setCorner] = useState<Corner>("bottom-end");
  const grip = useRef<{ x: number; y: number } | null>(null);
  const width = Math.round(Math.min(240, Math.max(132, size.width * 0.22)));
  const next = () => setCorner(CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? corner);
  const hold = (event: PointerEvent<HTMLDivElement>) => {
    if ((event.target as Element).closest("button")) return;
    grip.current = { x: event.clientX, y: event.clientY };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!grip.current) return;
    const [x, y] = [event.clientX - grip.current.x, event.clientY - grip.current.y];
    event.currentTarget.style.translate = `${x}px ${y}px`;
  };
  const drop = (event: PointerEvent<HTMLDivElement>) => {
    if (!grip.current) return;
    grip.current = null;
    const element = event.currentTarget;
    const stage = element.offsetParent?.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    element.style.translate = "";
    if (!stage) return;
    const side = box.x + box.width / 2 < stage.x + stage.width / 2 ? "start" : "end";
    const edge = box.y + box.height / 2 < stage.y + stage.height / 2 ? "top" : "bottom";
    setCorner(`${edge}-${side}`);
  };
  return (
    <div
      className={css.small}
      data-corner={corner}
      onPointerDown={hold}
      onPointerMove={drag}
      onPointerUp={drop}
      onPointerCancel={drop}
    >
      <Tile
        member={own}
        state={state}
        client={client}
        width={width}
        height={Math.round((width * 9) / 16)}
      />
      <button type="button" className={css.move} aria-label={t("call.self.move")} onClick={next}>
        <Move size={16} aria-hidden />
      </button>
    </div>
  );
}
