// Responsible for: the roles and names on the pages, which screen readers and other people's tests rely on.
// Not responsible for: looks (npm run shots) or real meetings.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cutOff, tooLarge } from "../scripts/cut.mjs";
import { openGallery, stateNames, type Gallery } from "../scripts/gallery.mjs";
import { smallTargets } from "../scripts/small.mjs";
import { keepingNames } from "./keeping.names";

let gallery: Gallery;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  gallery = await openGallery();
}, 120_000);
afterAll(async () => gallery.close());
beforeEach(async () => {
  page = await gallery.browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
});
afterEach(async () => {
  await page.close();
  expect(faults.splice(0)).toEqual([]);
});

const open = (state: string) => page.goto(gallery.address(state));
const button = (name: string) => page.getByRole("button", { name, exact: true });
const radio = (group: string, name: string) =>
  page
    .getByRole("radiogroup", { name: group, exact: true })
    .getByRole("radio", { name, exact: true });
const shown = (locator: Locator) => locator.waitFor({ state: "visible" });

describe("home", () => {
  test("a meeting is made with a name, a fence and who can join, and gives its link", async () => {
    await open("home");
    await button("New meeting").click();
    const dialog = page.getByRole("dialog", { name: "New meeting" });
    await dialog.getByRole("textbox", { name: "Meeting name", exact: true }).fill("Choir");
    expect(await radio("Fence", "Only this server").isChecked()).toBe(true);
    expect(await radio("Who can join", "Anyone with the link").isChecked()).toBe(true);
    await radio("Who can join", "People I admit").check();
    await shown(dialog.getByText("allows 1 of 1 server here"));
    await button("Create meeting").click();
    const link = page.getByRole("textbox", { name: "Meeting link", exact: true });
    expect(await link.inputValue()).toMatch(/\/m\/[\w-]{22}#[\w-]+$/);
    await shown(button("Copy link"));
    const opens = page.getByRole("link", { name: "Open meeting", exact: true });
    expect(await opens.getAttribute("href")).toBe(await link.inputValue());
  });

  test("a fence that no server here satisfies says why beforehand, and makes no meeting", async () => {
    await open("home");
    await button("New meeting").click();
    await page.getByRole("textbox", { name: "Meeting name", exact: true }).fill("Choir");
    const word = "Accept the operator's word for where the server is";
    expect(await page.getByRole("checkbox", { name: word, exact: true }).isChecked()).toBe(false);
    const canada = radio("Fence", "Canada");
    await shown(page.getByText("allows 0 of 1 server here").first());
    await canada.check();
    await button("Create meeting").click();
    expect(await page.getByRole("alert").textContent()).toContain("RF2102");
    expect(await page.getByRole("textbox", { name: "Meeting link" }).count()).toBe(0);
  });

  test("a server that does not answer is an alert with its code", async () => {
    await open("home-failed");
    expect(await page.getByRole("alert").textContent()).toContain("RF6104");
  });
});

describe("keys", () => keepingNames(() => page, open));

describe("before the call", () => {
  test("there is a name to give, a picture of oneself, and Join", async () => {
    await open("before");
    await page.getByRole("textbox", { name: "Your name", exact: true }).fill("Zoë");
    await shown(page.locator("video"));
    await button("Join").click();
    await shown(page.getByText("Agreeing on keys"));
  });

  test("Join without a name asks for one", async () => {
    await open("before");
    await button("Join").click();
    await shown(page.getByRole("alert"));
  });

  test("who waits reads that they are waiting, once", async () => {
    await open("waiting");
    expect(await page.getByText(/waiting/).count()).toBe(1);
    await shown(button("Cancel"));
    await shown(page.getByText("Nothing of the meeting has been sent to this device."));
  });

  test("who was in and waits again, or is not let in again, does not read that nothing was sent to them", async () => {
    const happen = (phase: string) =>
      page.evaluate((event) => (window as unknown as { happen(e: unknown): void }).happen(event), {
        t: "phase",
        phase,
      });
    await open("three");
    for (const phase of ["lost", "waiting"]) await happen(phase);
    await shown(page.getByText("You were in this meeting before the connection was lost."));
    expect(await page.getByText("Nothing of the meeting").count()).toBe(0);
    await happen("denied");
    await shown(page.getByText("A host declined."));
    expect(await page.getByText("Nothing of the meeting").count()).toBe(0);
    await open("waiting");
    await happen("denied");
    await shown(page.getByText("Nothing of the meeting was sent to this device."));
  });
});

describe("in the call", () => {
  test("each participant is a figure that begins with their name and holds a playing video", async () => {
    await open("three");
    for (const name of ["Ada Okafor", "Ben Lindqvist", "Chiara Fontana"]) {
      const tile = page.getByRole("figure", { name: new RegExp(`^${name}`) });
      await shown(tile);
      const playing = (video: HTMLVideoElement) => video.muted && !video.paused && video.videoWidth;
      await expect.poll(() => tile.locator("video").evaluate(playing as never)).toBe(960);
    }
  });

  test("a shared screen is a figure of its own, and faces stay beside it", async () => {
    await open("screen-two");
    const large = page.getByRole("figure", { name: "Screen of Élodie Marchand", exact: true });
    await shown(large);
    await shown(page.getByRole("figure", { name: /^Ben Lindqvist/ }));
    await button("Screen of Ben Lindqvist").click();
    await shown(page.getByRole("figure", { name: "Screen of Ben Lindqvist", exact: true }));
    expect(await large.count()).toBe(0);
  });

  test("who shares reads that they do, and can stop", async () => {
    await open("three");
    await button("Share screen").click();
    await shown(page.getByText("You are sharing your screen and its sound."));
    await page.keyboard.press("s");
    await shown(button("Share screen"));
  });

  test("devices are chosen in a dialog", async () => {
    await open("three");
    await button("Devices").click();
    const dialog = page.getByRole("dialog", { name: "Devices" });
    for (const name of ["Microphone", "Speaker", "Camera"]) {
      await shown(dialog.getByRole("combobox", { name, exact: true }));
    }
  });

  test("a tile says who is muted, and shows no picture of a stopped camera", async () => {
    await open("many");
    const chiara = page.getByRole("figure", { name: /^Chiara/ });
    await shown(chiara.getByRole("img", { name: "muted" }));
    const dmytro = page.getByRole("figure", { name: /^Dmytro/ });
    await shown(dmytro.getByRole("img", { name: "camera off" }));
    expect(await dmytro.locator("video:visible").count()).toBe(0);
  });

  test("the controls have their names, and the names say what a press does", async () => {
    await open("three");
    await button("Mute").click();
    await button("Unmute").click();
    await button("Stop camera").click();
    await button("Start camera").click();
    for (const name of ["Chat", "People", "Where this meeting is", "Leave"]) {
      expect(await button(name).count()).toBe(1);
      expect(await page.getByRole("button", { name }).count()).toBe(1);
    }
  });

  test("chat is a log with a Message and Send", async () => {
    await open("three");
    await button("Chat").click();
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("Good morning");
    await button("Send").click();
    await shown(page.getByRole("log").getByText("Good morning"));
  });

  test("a host removes somebody after confirming it", async () => {
    await open("three");
    await button("People").click();
    await button("Remove Ben Lindqvist").click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("figure", { name: /^Ben/ }).waitFor({ state: "detached" });
  });

  test("a host sees who knocks, and the call goes on", async () => {
    await open("knocks");
    await button("Deny Oskar").click();
    await button("Admit Nadia Petrova").click();
    await page.getByRole("button", { name: /^Admit/ }).waitFor({ state: "detached" });
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("Where this meeting is shows the code and its epoch", async () => {
    await open("three");
    await button("Where this meeting is").click();
    const region = page.getByRole("complementary", { name: "Where this meeting is" });
    const code = await region.getByTestId("verification-code").innerText();
    expect(code).toMatch(/^(\d{5} ){3}\d{5}$/);
    expect(await region.getByTestId("epoch").innerText()).toBe("3");
    await shown(region.getByText("Checked by your browser").first());
    await shown(region.getByText("Stated by the operator").first());
  });

  test("the keyboard mutes, opens panels, gives the focus back, and is left alone while typing", async () => {
    await open("three");
    await shown(button("Mute"));
    await page.keyboard.press("m");
    await shown(button("Unmute"));
    await button("Chat").focus();
    await page.keyboard.press("c");
    await page.keyboard.type("mvp?");
    const message = page.getByRole("textbox", { name: "Message", exact: true });
    expect(await message.inputValue()).toBe("mvp?");
    await shown(button("Unmute"));
    await page.keyboard.press("Escape");
    await message.waitFor({ state: "detached" });
    expect(await button("Chat").evaluate((element) => element === document.activeElement)).toBe(
      true,
    );
  });

  test("Space talks for as long as it is held while muted", async () => {
    await open("three");
    await button("Mute").click();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.down(" ");
    await shown(button("Mute"));
    await page.keyboard.up(" ");
    await shown(button("Unmute"));
  });
});

describe("ends", () => {
  test("the removed read that they were removed", async () => {
    await open("removed");
    await shown(page.getByText(/removed/));
    expect(await button("Join again").count()).toBe(0);
  });

  test.each([
    ["stopped", "RF2104"],
    ["refused", "RF3227"],
    ["halted", "RF6101"],
    ["unsupported", "RF6001"],
    ["offline", "RF6104"],
  ])("%s is an alert with %s", async (state, code) => {
    await open(state);
    expect(await page.getByRole("alert").first().textContent()).toContain(code);
  });

  test("a stop by the fence names rule and server, and has no way past it", async () => {
    await open("stopped");
    await shown(page.getByText("allow.countries"));
    await shown(page.getByText(/^pek2, Beijing, China/));
    expect(await page.getByRole("button", { name: /join|again|continue/i }).count()).toBe(0);
  });
});

describe("every state", () => {
  test("fits a phone and a small phone, and fingers", async () => {
    const wrong: string[] = [];
    for (const name of await stateNames(page, gallery.address)) {
      await open(name);
      await page.locator("h1").first().waitFor();
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 700 });
        for (const one of await page.evaluate(tooLarge)) wrong.push(`${name} at ${width}: ${one}`);
        for (const small of await page.evaluate(smallTargets)) wrong.push(`${name}: ${small}`);
        for (const cut of await page.evaluate(cutOff)) wrong.push(`${name} at ${width}: ${cut}`);
      }
    }
    expect(wrong).toEqual([]);
    // Some forty pages, on a machine that may be busy.
  }, 240_000);
});
