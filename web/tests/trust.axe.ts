// Responsible for: that nothing is wrong with the page about the server's own certificate authority, at two sizes.
// Not responsible for: what it says (tests/server/test_local_tls.py).
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "../scripts/gallery.mjs";
import { sizes, wrongOf } from "./wrong";

const ringfence = fileURLToPath(new URL("../../.venv/bin/ringfence", import.meta.url));
const data = mkdtempSync(join(tmpdir(), "ringfence-"));
let server: ChildProcess;
let browser: Browser;
let address: string;

/** Where other devices learn to trust it, as it says itself. */
async function guide(): Promise<string> {
  if (!server.stdout) throw new Error("it says nothing");
  for await (const line of createInterface(server.stdout)) {
    const found = /open (http:\S+) on it/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error("the server ended before it said where");
}

beforeAll(async () => {
  const options = ["serve", "--tls-local", "--port", "0", "--data", data];
  server = spawn(ringfence, options, { stdio: ["ignore", "pipe", "inherit"] });
  [address, browser] = [await guide(), await launch()];
}, 120_000);
afterAll(async () => {
  await browser.close();
  const ended = new Promise((end) => server.once("exit", end));
  server.kill();
  await ended;
  rmSync(data, { recursive: true });
});

test.each(["phone", "laptop"] as const)(
  "the page on which a device learns to trust this server, on a %s",
  async (size) => {
    const page = await browser.newPage({ viewport: sizes[size] });
    await page.goto(address);
    await page.getByRole("heading", { name: "Trust this Ringfence server" }).waitFor();
    expect(await wrongOf(page, size === "phone")).toEqual([]);
    // It has both schemes; else it would have been looked at in light twice.
    const schemes = await page.evaluate(() => getComputedStyle(document.body).colorScheme);
    expect(schemes).toBe("light dark");
  },
);
