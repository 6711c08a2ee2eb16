// Responsible for: choosing a town by its country; the list is fetched when it is first wanted.
// Not responsible for: the list (towns.ts).
import { useEffect, useId, useState } from "react";
import { countryName, t } from "../../messages";
import { CodeAlert } from "../parts/Alert";
import parts from "../parts/parts.module.css";
import type { Town } from "./towns";

interface TownChoiceProps {
  town: Town | null;
  onChoose: (town: Town | null) => void;
}

/** Null while it comes; "lost" where it does not. */
function useTowns(): readonly Town[] | "lost" | null {
  const [towns, setTowns] = useState<readonly Town[] | "lost" | null>(null);
  useEffect(() => {
    import("./towns").then(
      (list) => setTowns(list.towns),
      () => setTowns("lost"),
    );
  }, []);
  return towns;
}

const order = new Intl.Collator("en");

export function TownChoice({ town, onChoose }: TownChoiceProps) {
  const id = useId();
  const towns = useTowns();
  const [country, setCountry] = useState(town?.country ?? "");
  if (towns === "lost") return <CodeAlert code="RF6104" />;
  if (towns === null) return <p role="status">{t("yours.towns.loading")}</p>;
  const countries = [...new Set(towns.map((one) => one.country))]
    .map((code) => ({ code, name: countryName(code) }))
    .sort((one, other) => order.compare(one.name, other.name));
  const here = towns.filter((one) => one.country === country);
  const chooseCountry = (code: string) => {
    setCountry(code);
    onChoose(towns.find((one) => one.country === code) ?? null);
  };
  return (
    <>
      <div className={parts.field}>
        <label className={parts.label} htmlFor={`${id}-country`}>
          {t("yours.country")}
        </label>
        <select
          id={`${id}-country`}
          className={parts.input}
          value={country}
          onChange={(event) => chooseCountry(event.target.value)}
        >
          <option value="" disabled />
          {countries.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {here.length > 0 && (
        <div className={parts.field}>
          <label className={parts.label} htmlFor={`${id}-town`}>
            {t("yours.town")}
          </label>
          <select
            id={`${id}-town`}
            className={parts.input}
            value={town?.name ?? ""}
            onChange={(event) =>
              onChoose(here.find(({ name }) => name === event.target.value) ?? null)
            }
          >
            {here.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
    </>
  );
}
