// Responsible for: that words, marks and edges can be told from what lies behind them, light and dark (WCAG 2.2 AA).
// Not responsible for: words over pictures, which lie on a dark label.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");
const HEX = "#[0-9a-f]{6}";

function colour(token: string, scheme: 0 | 1): string {
  const pair = new RegExp(`--${token}: light-dark\\((${HEX}), (${HEX})\\)`).exec(css);
  const single = new RegExp(`--${token}: (${HEX});`).exec(css);
  const found = pair?.[scheme + 1] ?? single?.[1];
  if (found === undefined) throw new Error(`there is no token --${token}`);
  return found;
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const backs = ["paper", "surface", "raised", "sunken"];
const words = [
  ...["ink", "ink-soft", "accent-ink", "danger", "warning", "inside"].flatMap((word) =>
    backs.map((back) => [word, back, 4.5] as const),
  ),
  ["on-accent", "accent", 4.5],
  ["on-accent", "accent-strong", 4.5],
  ["on-danger", "danger-fill", 4.5],
  ["on-danger", "danger-strong", 4.5],
  ["ink-soft", "accent-soft", 4.5],
  ["accent-ink", "accent-soft", 4.5],
  ["inside", "accent-soft", 4.5],
  ["warning", "accent-soft", 4.5],
  ["ink-soft", "danger-soft", 4.5],
  ["danger", "danger-soft", 4.5],
  ["ink", "warning-soft", 4.5],
  ["ink-soft", "inside-soft", 4.5],
  ...["line-strong", "accent"].flatMap((edge) => backs.map((back) => [edge, back, 3] as const)),
] as const;

test.each(words)("%s on %s has a contrast of at least %d", (word, back, least) => {
  for (const scheme of [0, 1] as const) {
    expect(contrast(colour(word, scheme), colour(back, scheme))).toBeGreaterThanOrEqual(least);
  }
});
