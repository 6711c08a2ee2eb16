// Responsible for: a list of countries and groups that is added to by name, and taken from.
// Not responsible for: what the list is for (OwnFence.tsx).
import { X } from "lucide-react";
import { useId, useRef } from "react";
import { t } from "../../messages";
import parts from "../parts/parts.module.css";
import css from "./OwnFence.module.css";
import { countriesByName, GROUPS, placeName } from "../parts/places";

interface PlacesProps {
  label: string;
  hint: string;
  chosen: readonly string[];
  onChange: (places: string[]) => void;
}

export function Places({ label, hint, chosen, onChange }: PlacesProps) {
  const id = useId();
  const adding = useRef<HTMLSelectElement>(null);
  const free = (place: string) => !chosen.includes(place);
  const take = (place: string) => {
    onChange(chosen.filter((one) => one !== place));
    // What had the focus is gone with it.
    adding.current?.focus();
  };
  return (
    <div role="group" aria-labelledby={id} className={css.places}>
      <h4 id={id}>{label}</h4>
      {chosen.length > 0 && (
        <ul className={css.chosen} aria-labelledby={id}>
          {chosen.map((place) => (
            <li key={place}>
              {placeName(place)}
              <button
                type="button"
                aria-label={t("own.remove", { place: placeName(place), list: label })}
                onClick={() => take(place)}
              >
                <X size={16} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <select
        ref={adding}
        className={parts.input}
        aria-label={t("own.add", { list: label })}
        aria-describedby={`${id}-hint`}
        value=""
        onChange={(event) => onChange([...chosen, event.target.value])}
      >
        <option value="" disabled>
          {t("own.add.short")}
        </option>
        <optgroup label={t("own.groups")}>
          {Object.keys(GROUPS)
            .filter(free)
            .map((group) => (
              <option key={group} value={group}>
                {placeName(group)}
              </option>
            ))}
        </optgroup>
        <optgroup label={t("own.countries.all")}>
          {countriesByName()
            .filter(({ code }) => free(code))
            .map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
        </optgroup>
      </select>
      <p id={`${id}-hint`} className={css.hint}>
        {hint}
      </p>
    </div>
  );
}
