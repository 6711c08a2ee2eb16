// Responsible for: what is wrong with a page that is shown: for axe-core in light and in dark, cut off, or too small to hit.
// Not responsible for: which pages are shown (*.axe.ts).
import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { cutOff } from "../scripts/cut.mjs";
import { smallTargets } from "../scripts/small.mjs";

export const sizes = { phone: { width: 390, height: 844 }, laptop: { width: 1440, height: 900 } };
const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** By every rule of axe-core, in the colours that the page has now. */
async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const found = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary ?? ""}`),
  );
}

/** A page is loaded once, and looked at in both schemes; without motion no colour is on its way between them. */
export async function wrongOf(page: Page, touched: boolean): Promise<string[]> {
  const wrong = await page.evaluate(cutOff);
  if (touched) wrong.push(...(await page.evaluate(smallTargets)));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const one of await violations(page)) wrong.push(`${colorScheme}: ${one}`);
  }
  return wrong;
}
