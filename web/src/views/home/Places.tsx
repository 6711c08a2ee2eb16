// Responsible for: a list of countries and groups that is added to by name, and taken from.
// Not responsible for: what the list is for (OwnFence.tsx).
import { t } from "../../messages";
import { countriesByName, GROUPS, placeName } from "../parts/places";
import { Listed, type ListProps } from "./Listed";

interface PlacesProps extends ListProps {
  /** Nothing else may be added. */
  within?: readonly string[];
}

export function Places({ within, ...list }: PlacesProps) {
  const may = ({ value }: { value: string }) => within?.includes(value) ?? true;
  const groups = Object.keys(GROUPS).map((value) => ({ value, name: placeName(value) }));
  const countries = countriesByName().map(({ code: value, name }) => ({ value, name }));
  return (
    <Listed
      {...list}
      prompt={t("own.add.short")}
      nameOf={placeName}
      offered={[
        { label: t("own.groups"), options: groups.filter(may) },
        { label: t("own.countries.all"), options: countries.filter(may) },
      ]}
    />
  );
}
