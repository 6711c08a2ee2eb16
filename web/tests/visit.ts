// Responsible for: a page of the gallery for each test: opening it, letting things happen, hearing what is said.
// Not responsible for: what has to hold (the tests).
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { openGallery, type Gallery } from "../scripts/gallery.mjs";
import type { PageEvent } from "../src/state/events";

let gallery: Gallery;
/** The one that this test looks at. */
export let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  gallery = await openGallery();
}, 120_000);
afterAll(async () => gallery.close());
beforeEach(async () => {
  page = await gallery.browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(10_000);
  page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
});
afterEach(async () => {
  await page.close();
  expect(faults.splice(0)).toEqual([]);
});

export async function open(state: string): Promise<void> {
  await page.goto(gallery.address(state));
  await page.locator("h1").first().waitFor();
}
export const button = (name: string) => page.getByRole("button", { name, exact: true });
export const happen = (event: PageEvent) =>
  page.evaluate((one) => (window as unknown as { happen(e: unknown): void }).happen(one), event);
export const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement;
    return at === document.body ? "nowhere" : (at?.getAttribute("aria-label") ?? at?.textContent);
  });
export const alerts = () => page.getByRole("alert").filter({ hasText: /RF\d/ }).count();
/** Everything that is added to what a screen reader listens to. */
export const listen = () =>
  page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    for (const region of document.querySelectorAll("[role=status], [aria-live=polite]")) {
      new MutationObserver((all) => {
        for (const { addedNodes } of all)
          told.push(...[...addedNodes].map((node) => node.textContent ?? ""));
      }).observe(region, { childList: true, subtree: true, characterData: true });
    }
  });
export const told = () =>
  page.evaluate(() => (window as unknown as { told: string[] }).told.join("; "));
