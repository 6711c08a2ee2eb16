// Responsible for: that axe-core finds nothing wrong, and nothing is cut off or too small, on any state of the gallery, at two sizes.
// Not responsible for: what no tool can find: the keyboard's way and what is said aloud (tests/browser).
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cutOff } from "../scripts/cut.mjs";
import { openGallery, settled, stateNames, type Gallery } from "../scripts/gallery.mjs";
import { pressed } from "../scripts/pressed.mjs";
import { sizes, wrongOf } from "./wrong";

let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGallery();
}, 120_000);
afterAll(async () => gallery.close());

const newPage = () => gallery.browser.newPage({ permissions: ["clipboard-write"] });

async function check(page: Page, name: string, size: keyof typeof sizes): Promise<string[]> {
  const [state, press] = pressed[name] ?? [name, () => Promise.resolve()];
  await page.setViewportSize(sizes[size]);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(gallery.address(state));
  await settled(page);
  await press(page);
  return (await wrongOf(page, size === "phone")).map((one) => `${name}, ${size}, ${one}`);
}

test.concurrent.each(["phone", "laptop"] as const)(
  "no state has a violation, or anything cut off, on a %s",
  async (size) => {
    const page = await newPage();
    const names = [...(await stateNames(page, gallery.address)), ...Object.keys(pressed)];
    expect(names.length).toBeGreaterThan(55);
    const wrong: string[] = [];
    for (const name of names) wrong.push(...(await check(page, name, size)));
    expect(wrong).toEqual([]);
  },
  600_000,
);

test("who opens a link on a phone sees Join without scrolling", async () => {
  const page = await newPage();
  await page.setViewportSize(sizes.phone);
  for (const state of ["before", "before-host", "before-elsewhere"]) {
    await page.goto(gallery.address(state));
    const join = await page.getByRole("button", { name: "Join", exact: true }).boundingBox();
    if (join === null) throw new Error(`${state} has no Join`);
    expect(join.y + join.height, state).toBeLessThanOrEqual(sizes.phone.height);
  }
});

test("a planted violation is found in light and in dark", async () => {
  const page = await newPage();
  await page.goto(gallery.address("three"));
  await page.locator("h1").first().waitFor();
  await page.evaluate(() => document.querySelector("button")?.removeAttribute("aria-label"));
  await page.evaluate(() => document.querySelector("button")?.replaceChildren());
  expect(await wrongOf(page, false)).toEqual([
    expect.stringContaining("light: button-name"),
    expect.stringContaining("dark: button-name"),
  ]);
});

test("a control out of the window and squeezed words are found", async () => {
  const page = await newPage();
  await page.setViewportSize(sizes.phone);
  await page.goto(gallery.address("nomicrophone"));
  await page.locator("[role=alert] p").first().waitFor();
  await page.evaluate(() => {
    const button = document.querySelector<HTMLElement>("footer button");
    const words = document.querySelector<HTMLElement>("[role=alert] p");
    if (!button || !words) throw new Error("the state has neither");
    button.style.cssText = "position: fixed; left: 100vw";
    words.style.width = "60px";
  });
  expect(await page.evaluate(cutOff)).toEqual([
    expect.stringContaining("out of the window: "),
    expect.stringContaining("squeezed: "),
  ]);
});
