// Responsible for: the tiles: a shared screen, alone, two (the other large), a grid, and pages when more than fit.
// Not responsible for: how large tiles may be (state/arrange.ts) or one tile (Tile.tsx).
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useRef, useState } from "react";
import { t } from "../../messages";
import { capacity, fit, paginate } from "../../state/arrange";
import type { MeetingClient } from "../../state/client";
import type { Member } from "../../state/events";
import type { State } from "../../state/state";
import { Button } from "../parts/Button";
import { Invite } from "./Invite";
import { Shared } from "./Shared";
import { SmallSelf } from "./SmallSelf";
import css from "./Stage.module.css";
import { Tile } from "./Tile";
import { useSize, type Size } from "./useSize";

const MOST = 25;
const INVITE_HEIGHT = 120;
const PAGER_HEIGHT = 60;

interface StageProps {
  state: State;
  client: MeetingClient;
}

export function Stage({ state, client }: StageProps) {
  const box = useRef<HTMLElement>(null);
  const size = useSize(box);
  const heard = new Set(state.tracks.map((track) => track.leaf));
  const shown = state.members.filter((one) => one.you || one.present || heard.has(one.leaf));
  const own = shown.find((member) => member.you);
  const others = shown.filter((member) => !member.you);
  const measured = size.width > 0;
  const sharers = state.sharers.flatMap((leaf) => others.find((one) => one.leaf === leaf) ?? []);
  if (measured && sharers.length > 0) {
    const people = own ? [...others, own] : others;
    return (
      <section ref={box} className={css.stage} aria-label={t("call.stage")}>
        <Shared sharers={sharers} people={people} size={size} state={state} client={client} />
      </section>
    );
  }
  return (
    <section ref={box} className={css.stage} aria-label={t("call.stage")}>
      {measured && others.length === 0 && own && (
        <Alone own={own} size={size} state={state} client={client} />
      )}
      {measured && others.length === 1 && (
        <Two own={own} other={others[0] as Member} size={size} state={state} client={client} />
      )}
      {measured && others.length > 1 && (
        <Many members={own ? [own, ...others] : others} size={size} state={state} client={client} />
      )}
    </section>
  );
}

interface PartProps extends StageProps {
  size: Size;
}

function Alone({ own, size, state, client }: PartProps & { own: Member }) {
  const { width, height } = fit(1, size.width, Math.max(0, size.height - INVITE_HEIGHT));
  return (
    <div className={css.alone}>
      <Tile member={own} state={state} client={client} width={width} height={height} />
      <Invite link={client.link} />
    </div>
  );
}

function Two({
  own,
  other,
  size,
  state,
  client,
}: PartProps & { own: Member | undefined; other: Member }) {
  // On a tall screen the other fills the height; faces are in the middle, so the sides may go.
  const tall = size.height > size.width;
  const { width, height } = tall
    ? { width: size.width, height: Math.min(size.height, Math.floor(size.width * 1.4)) }
    : fit(1, size.width, size.height);
  return (
    <div className={tall ? css.tall : css.two}>
      <Tile member={other} state={state} client={client} width={width} height={height} />
      {own && <SmallSelf own={own} size={size} state={state} client={client} />}
    </div>
  );
}

function Many({ members, size, state, client }: PartProps & { members: Member[] }) {
  const [page, setPage] = useState(0);
  const [first, setFirst] = useState<number[]>([]);
  const leaves = members.map((member) => member.leaf);
  const unpaged = capacity(size.width, size.height, MOST);
  const paged = members.length > unpaged;
  const room = paged ? size.height - PAGER_HEIGHT : size.height;
  const most = paged ? capacity(size.width, room, MOST) : unpaged;
  const pages = paginate(leaves, state.spoke, most, first);
  const now = pages[0] ?? [];
  // React's way to keep what was shown last: set while rendering, when it differs.
  if (now.join() !== first.join()) setFirst(now);
  const at = Math.min(page, pages.length - 1);
  const shown = (pages[at] ?? []).flatMap((leaf) => members.find((one) => one.leaf === leaf) ?? []);
  const { width, height, columns } = fit(paged ? most : shown.length, size.width, room);
  const row = useColumns(columns, width);
  return (
    <>
      <div ref={row} className={css.grid}>
        {shown.map((member) => (
          <Tile
            key={member.leaf}
            member={member}
            state={state}
            client={client}
            width={width}
            height={height}
          />
        ))}
      </div>
      {paged && <Pager page={at} pages={pages.length} onPage={setPage} />}
    </>
  );
}

/** The rows break where the sizes were computed for, also when the last row is short. */
function useColumns(columns: number, width: number) {
  return (element: HTMLDivElement | null) => {
    element?.style.setProperty("--row", `${columns * width + (columns - 1) * 8}px`);
  };
}

interface PagerProps {
  page: number;
  pages: number;
  onPage: (page: number) => void;
}

/** At its end a button says that it does nothing, and keeps the focus: a disabled one would lose it. */
function Pager({ page, pages, onPage }: PagerProps) {
  return (
    <nav className={css.pager} aria-label={t("call.page", { page: page + 1, pages })}>
      <Button
        icon
        aria-label={t("call.page.previous")}
        aria-disabled={page === 0}
        onClick={() => onPage(Math.max(0, page - 1))}
      >
        <ChevronLeft size={20} aria-hidden />
      </Button>
      <span aria-hidden>
        {page + 1} / {pages}
      </span>
      <Button
        icon
        aria-label={t("call.page.next")}
        aria-disabled={page === pages - 1}
        onClick={() => onPage(Math.min(pages - 1, page + 1))}
      >
        <ChevronRight size={20} aria-hidden />
      </Button>
    </nav>
  );
}
