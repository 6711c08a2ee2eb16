// Responsible for: that each browser's people read of its own settings.
// Not responsible for: the words.
import { expect, test } from "vitest";
import { family } from "./browser";

const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${BLINK} Chrome/141.0.0.0 Safari/537.36`, 0, "chromium"],
  [`Mozilla/5.0 (Windows NT 10.0) ${BLINK} Chrome/141.0.0.0 Safari/537.36 Edg/141`, 0, "chromium"],
  [`Mozilla/5.0 (Linux; Android 15) ${BLINK} Chrome/141.0.0.0 Mobile Safari/537.36`, 5, "android"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", 0, "firefox"],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.4 Safari/605.1.15`,
    0,
    "safari",
  ],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.4 Safari/605.1.15`,
    5,
    "ios",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_4) ${WEBKIT} CriOS/141 Mobile/15E148 Safari/604.1`,
    5,
    "ios",
  ],
  ["Lynx/2.9", 0, "other"],
])("%s", (agent, touches, expected) => {
  expect(family(agent, touches)).toBe(expected);
});
