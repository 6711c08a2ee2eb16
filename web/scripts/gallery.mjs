// Responsible for: building the gallery, serving it under the strict content security policy, and a browser.
// Not responsible for: what is looked at (shots.mjs, tests/).
import { chromium } from "playwright-core";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--force-color-profile=srgb"],
  });

export async function openGallery() {
  await build({ root, mode: "gallery", logLevel: "warn" });
  const server = await preview({
    root,
    mode: "gallery",
    build: { outDir: "../.build/gallery" },
    preview: { port: 0, host: "127.0.0.1" },
    logLevel: "warn",
  });
  const browser = await launch();
  const { port } = server.httpServer.address();
  return {
    browser,
    address: (state) => `http://127.0.0.1:${port}/gallery.html${state ? `?state=${state}` : ""}`,
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** What is fetched when it is first wanted is there: letters, and the map. */
export const settled = (page) =>
  page.waitForFunction(
    () => document.fonts.status === "loaded" && !document.querySelector("[data-loading]"),
  );

export async function stateNames(page, address) {
  await page.goto(address());
  await page.waitForSelector("[data-state]");
  return page.$$eval("[data-state]", (links) => links.map((link) => link.dataset.state));
}
