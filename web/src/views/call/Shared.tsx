// Responsible for: a shared screen, large, with the people beside it in a strip.
// Not responsible for: sharing one's own (Toolbar.tsx, SharingNote.tsx).
import { useEffect, useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Member } from "../../state/events";
import type { State } from "../../state/state";
import { Button } from "../parts/Button";
import { Picture } from "../parts/Picture";
import css from "./Shared.module.css";
import { Tile } from "./Tile";
import type { Size } from "./useSize";

/** Of one face in the strip, in CSS pixels. */
const FACE = { beside: 184, below: 136 };
const CHOICE_HEIGHT = 52;
const GAP = 8;

interface SharedProps {
  /** Whose screens there are, the latest last. */
  sharers: Member[];
  people: Member[];
  size: Size;
  state: State;
  client: MeetingClient;
}

export function Shared({ sharers, people, size, state, client }: SharedProps) {
  const [wanted, setWanted] = useState<number | null>(null);
  const shown = sharers.find(({ leaf }) => leaf === wanted) ?? sharers.at(-1);
  if (shown === undefined) return null;
  const beside = size.width > size.height * 1.2 && size.width > 640;
  const face = beside ? FACE.beside : FACE.below;
  const faceHeight = Math.round((face * 9) / 16);
  const choice = sharers.length > 1 ? CHOICE_HEIGHT : 0;
  const width = beside ? size.width - face - GAP : size.width;
  const height = size.height - choice - (beside ? 0 : faceHeight + GAP);
  return (
    <div className={beside ? css.beside : css.below}>
      <div className={css.main}>
        {sharers.length > 1 && (
          <div className={css.choice} role="group" aria-label={t("screen.choose")}>
            {sharers.map((sharer) => (
              <Button
                key={sharer.leaf}
                aria-pressed={sharer.leaf === shown.leaf}
                onClick={() => setWanted(sharer.leaf)}
              >
                {t("screen.of", { name: nameOf(sharer) })}
              </Button>
            ))}
          </div>
        )}
        <Screen key={shown.leaf} sharer={shown} client={client} width={width} height={height} />
      </div>
      <div className={css.strip} tabIndex={0} role="group" aria-label={t("screen.people")}>
        {people.map((member) => (
          <Tile
            key={member.leaf}
            member={member}
            state={state}
            client={client}
            width={face}
            height={faceHeight}
          />
        ))}
      </div>
    </div>
  );
}

const nameOf = (member: Member): string => member.name ?? t("tile.guest");

interface ScreenProps {
  sharer: Member;
  client: MeetingClient;
  width: number;
  height: number;
}

function Screen({ sharer, client, width, height }: ScreenProps) {
  const { leaf } = sharer;
  useEffect(() => {
    client.setView(leaf, 3, Math.round(Math.max(1, height) * devicePixelRatio));
    return () => client.setView(leaf, 3, 0);
  }, [client, leaf, height]);
  return (
    <figure
      ref={(element) => {
        element?.style.setProperty("--width", `${width}px`);
        element?.style.setProperty("--height", `${Math.max(0, height)}px`);
      }}
      className={css.screen}
      aria-label={t("screen.of", { name: nameOf(sharer) })}
    >
      <Picture stream={client.stream(leaf, 3)} whole />
      <span className={css.label} aria-hidden>
        {t("screen.of", { name: nameOf(sharer) })}
      </span>
    </figure>
  );
}
