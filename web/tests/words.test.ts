// Responsible for: that every message can be said, links are told from other texts, and times are readable.
// Not responsible for: what the words are.
import { readdirSync } from "node:fs";
import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, test } from "vitest";
import { catalogues, lasting, running, t } from "../src/messages";
import { isMeetingLink } from "../src/views/home/link";

test.each(Object.entries(catalogues))("every message of %s is valid ICU", (language, messages) => {
  const broken = Object.entries(messages).filter(([, text]) => {
    try {
      return text === "" || !new IntlMessageFormat(text, language);
    } catch {
      return true;
    }
  });
  expect(broken).toEqual([]);
});

test.each(Object.keys(catalogues))(
  "each key of %s is in one file, and each file counts",
  async (language) => {
    const folder = new URL(`../src/messages/${language}/`, import.meta.url);
    const keys: string[] = [];
    for (const file of readdirSync(folder)) {
      const parts = (await import(new URL(file, folder).href)) as Record<string, object>;
      for (const part of Object.values(parts)) keys.push(...Object.keys(part));
    }
    expect(keys.sort()).toEqual(Object.keys(catalogues[language] ?? {}).sort());
  },
);

test("numbers choose their words", () => {
  expect(t("new.fence.allows", { allowed: 0, of: 1 })).toBe("allows 0 of 1 server here");
  expect(t("new.fence.allows", { allowed: 1, of: 3 })).toBe("allows 1 of 3 servers here");
});

test.each([
  [0, "0 s", "0:00"],
  [65_000, "1 min 05 s", "1:05"],
  [4_830_000, "1 h 20 min", "1:20:30"],
])("%i ms lasts %s and runs as %s", (ms, long, clock) => {
  expect(lasting(ms)).toBe(long);
  expect(running(ms)).toBe(clock);
});

describe("a meeting's link", () => {
  const origin = "https://meet.example.org";
  const meeting = "AAECAwQFBgcICQoLDA0ODw";
  test.each([
    [` ${origin}/m/${meeting}#key `, true],
    [`${origin}/m/${meeting}`, false],
    [`${origin}/m/${meeting}#`, false],
    [`https://elsewhere.example.org/m/${meeting}#key`, false],
    [`${origin}/x/${meeting}#key`, false],
    [`javascript:alert(1)//m/${meeting}#key`, false],
    ["not a link", false],
  ])("%s: %s", (text, expected) => {
    expect(isMeetingLink(text, origin)).toBe(expected);
  });
});
