// Responsible for: the countries and groups that a fence can name, and what they are called.
// Not responsible for: which countries a group has (the core).
import { countryName, t } from "../../messages";

/** ISO 3166-1 alpha-2, all that are officially assigned. */
export const COUNTRIES =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split(
    " ",
  );

export const GROUPS = {
  "eu@2026-01": "group.eu",
  "eea@2026-01": "group.eea",
  "eea-adequate@2026-01": "group.eea-adequate",
  "world@2026-01": "group.world",
  "world-except-cn@2026-01": "group.world-except-cn",
  "world-except-cn-ru-by@2026-01": "group.world-except-cn-ru-by",
} as const;

const isGroup = (place: string): place is keyof typeof GROUPS => place in GROUPS;

/** A country or a group in the reader's language; a group with its date, since it never changes. */
export function placeName(place: string): string {
  if (place === "*") return t("group.any");
  if (!isGroup(place)) return countryName(place);
  return t("group.dated", { name: t(GROUPS[place]), date: place.split("@")[1] ?? "" });
}

/** What the core writes in codes, with names. A key, which may have two capitals between dashes, stays as it is. */
export function named(sentence: string): string {
  return sentence.replaceAll(/(?<![\w-])(?:[A-Z]{2}(?![\w@-])|[a-z-]+@\d{4}-\d{2})/g, placeName);
}

const order = new Intl.Collator("en");
let sorted: readonly { code: string; name: string }[] | null = null;

/** All countries by name, for a list to choose from. */
export function countriesByName(): readonly { code: string; name: string }[] {
  sorted ??= COUNTRIES.map((code) => ({ code, name: countryName(code) })).sort((one, other) =>
    order.compare(one.name, other.name),
  );
  return sorted;
}
