// Responsible for: that axe-core finds nothing wrong on any state of the gallery, at two sizes, light and dark.
// Not responsible for: what no tool can find: the keyboard's way and what is said aloud (tests/browser).
import { readFileSync } from "node:fs";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGallery, stateNames, type Gallery } from "../scripts/gallery.mjs";
import { pressed } from "../scripts/pressed.mjs";

const sizes = { phone: { width: 390, height: 844 }, laptop: { width: 1440, height: 900 } };
const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
/** Colours change nothing but contrast, so the second scheme asks only for that. */
const asked = {
  light: {},
  dark: { runOnly: ["color-contrast", "link-in-text-block"] },
} satisfies Record<string, RunOptions>;

let gallery: Gallery;
let page: Page;

beforeAll(async () => {
  gallery = await openGallery();
  page = await gallery.browser.newPage({ permissions: ["clipboard-write"] });
}, 120_000);
afterAll(async () => gallery.close());

async function violations(options: RunOptions): Promise<string[]> {
  const all = { ...options, resultTypes: ["violations" as const] };
  const run = `axe.run(document, ${JSON.stringify(all)})`;
  const found = await page.evaluate<AxeResults>(run);
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary ?? ""}`),
  );
}

async function check(name: string, size: keyof typeof sizes): Promise<string[]> {
  const [state, press] = pressed[name] ?? [name, () => Promise.resolve()];
  const wrong: string[] = [];
  await page.setViewportSize(sizes[size]);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(gallery.address(state));
  await page.waitForFunction(() => document.fonts.status === "loaded");
  await press(page);
  await page.evaluate(axe);
  for (const [scheme, options] of Object.entries(asked)) {
    await page.emulateMedia({ colorScheme: scheme as "light" | "dark" });
    for (const one of await violations(options)) wrong.push(`${name}, ${size}, ${scheme}: ${one}`);
  }
  return wrong;
}

test.each(["phone", "laptop"] as const)(
  "no state has a violation on a %s",
  async (size) => {
    const names = [...(await stateNames(page, gallery.address)), ...Object.keys(pressed)];
    expect(names.length).toBeGreaterThan(55);
    const wrong: string[] = [];
    for (const name of names) wrong.push(...(await check(name, size)));
    expect(wrong).toEqual([]);
  },
  600_000,
);

test("a planted violation is found", async () => {
  await page.goto(gallery.address("three"));
  await page.locator("h1").first().waitFor();
  await page.evaluate(axe);
  await page.evaluate(() => document.querySelector("button")?.removeAttribute("aria-label"));
  await page.evaluate(() => document.querySelector("button")?.replaceChildren());
  expect(await violations({})).toEqual([expect.stringContaining("button-name")]);
});
