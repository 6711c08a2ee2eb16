// Responsible for: turning a message's key and values into words of the reader's language.
// Not responsible for: the words themselves (en/).
import { IntlMessageFormat } from "intl-messageformat";
import { beacons } from "./en/beacons";
import { call } from "./en/call";
import { home } from "./en/home";
import { keeping } from "./en/keeping";
import { meeting } from "./en/meeting";
import { own } from "./en/own";
import { rules } from "./en/rules";
import { trust } from "./en/trust";
import { where } from "./en/where";

const english = {
  ...beacons,
  ...home,
  ...keeping,
  ...meeting,
  ...call,
  ...own,
  ...rules,
  ...trust,
  ...where,
};

export type MessageKey = keyof typeof english;
export type Values = Record<string, string | number>;

/** Languages are data: another catalogue has the same keys. */
export const catalogues: Record<string, Record<MessageKey, string>> = { en: english };
const language = "en";
const formats = new Map<MessageKey, IntlMessageFormat>();

export function t(key: MessageKey, values?: Values): string {
  let format = formats.get(key);
  if (!format) {
    format = new IntlMessageFormat(catalogues[language]?.[key] ?? english[key], language);
    formats.set(key, format);
  }
  return String(format.format(values));
}

const regions = new Intl.DisplayNames([language], { type: "region" });

export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });

const exact = new Intl.DateTimeFormat(language, { timeStyle: "medium" });

/** With seconds. */
export const exactTime = (at: number): string => exact.format(at);
export const clockTime = (at: number): string => clock.format(at);
export const dayOf = (at: number): string => day.format(at);

/** 12 s · 3 min 05 s · 1 h 20 min */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return t("time.seconds", { seconds });
  if (minutes < 60) return t("time.minutes", { minutes, seconds: pad(seconds % 60) });
  return t("time.hours", { hours: Math.floor(minutes / 60), minutes: pad(minutes % 60) });
}

/** 4:07 · 1:20:33, as on a clock. */
export function running(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

const pad = (n: number): string => String(n).padStart(2, "0");
