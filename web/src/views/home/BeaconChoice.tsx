// Responsible for: the beacons of a new meeting, each to be taken away, and a line for others.
// Not responsible for: which there are (useBeacons.ts), or what they prove (the core).
import { useId, type RefObject } from "react";
import { countryName, t } from "../../messages";
import type { BeaconInfo } from "../../state/client";
import { Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import { degrees } from "../where/words";
import css from "./NewMeeting.module.css";
import type { Beacons } from "./useBeacons";

interface BeaconChoiceProps {
  beacons: Beacons;
  field: RefObject<HTMLInputElement | null>;
  wrong: boolean;
}

export function BeaconChoice({ beacons, field, wrong }: BeaconChoiceProps) {
  const id = useId();
  const { offered, isChosen, choose, typed, setTyped } = beacons;
  return (
    <div className={css.beacons} role="group" aria-labelledby={id} aria-describedby={`${id}-hint`}>
      <h3 id={id}>{t("beacons.title")}</h3>
      <p id={`${id}-hint`} className={parts.hint}>
        {t(offered.length > 0 ? "beacons.lead" : "beacons.none")}
      </p>
      {offered.map((beacon) => (
        <label key={beacon.key} className={css.word}>
          <input
            type="checkbox"
            className={parts.check}
            checked={isChosen(beacon.key)}
            aria-label={beacon.name}
            aria-describedby={`${id}-${beacon.key}`}
            onChange={(event) => choose(beacon.key, event.target.checked)}
          />
          <span>{beacon.name}</span>
          <span id={`${id}-${beacon.key}`} className={`${parts.hint} ${css.beacon}`}>
            {about(beacon)}
          </span>
        </label>
      ))}
      <Line
        label={t("beacons.others")}
        hint={t("beacons.others.hint")}
        ref={field}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        invalid={wrong ? t("beacons.others.wrong") : undefined}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}

function about(beacon: BeaconInfo): string {
  const { place, country, operator, host, key } = beacon;
  const where = [place, country && countryName(country)].filter(Boolean).join(", ");
  const said = { operator, host, key, degrees: degrees(beacon), where };
  return t(where ? "beacons.about" : "beacons.about.nowhere", said);
}
