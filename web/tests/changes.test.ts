// Responsible for: what somebody is told, and where their keyboard is, when a page changes while they are on it.
// Not responsible for: what each state shows (names.test.ts) or real meetings (tests/browser).
import { describe, expect, test } from "vitest";
import type { PageEvent } from "../src/state/events";
import { alerts, button, focused, happen, listen, open, page, told } from "./visit";

const media = (...problems: string[]): PageEvent => {
  return { t: "media", camera: true, muted: true, problems };
};

describe("the keyboard's place", () => {
  test("is the head of the call when a trouble was understood", async () => {
    await open("nomicrophone");
    await button("Understood").focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Reading room renovation");
    expect(await alerts()).toBe(0);
  });

  test("is the head of the call when its sound was turned on", async () => {
    await page.addInitScript(() => {
      const refuse = () => Promise.reject(new DOMException("not yet", "NotAllowedError"));
      HTMLAudioElement.prototype.play = refuse;
      Object.assign(window, {
        hear: () => (HTMLAudioElement.prototype.play = () => Promise.resolve()),
      });
    });
    await open("alone");
    await listen();
    await happen({ t: "tracks", tracks: [{ leaf: 1, context: 2, mid: "a" }] });
    await button("Turn the sound on").focus();
    expect(await told()).toContain("The browser holds back the sound of this page.");
    await page.evaluate(() => (window as unknown as { hear(): void }).hear());
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Reading room renovation");
  });

  test("is the head of the page before a call when trying again helped", async () => {
    await open("before-nocamera");
    await button("Try again").focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Reading room renovation");
  });

  test("stays in the dialog of devices when trying again helped", async () => {
    await open("nomicrophone");
    await button("Devices").click();
    const dialog = page.getByRole("dialog", { name: "Devices" });
    await dialog.getByRole("button", { name: "Try again" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Devices");
    expect(await dialog.count()).toBe(1);
  });

  test("stays on the button that leads to the last page, which then does nothing", async () => {
    await open("crowd");
    await button("Next page").focus();
    for (let presses = 0; presses < 5; presses++) await page.keyboard.press("Enter");
    expect(await focused()).toBe("Next page");
    expect(await button("Next page").getAttribute("aria-disabled")).toBe("true");
    await page.keyboard.press("Enter");
    await page.getByRole("navigation", { name: "Page 2 of 2" }).waitFor();
  });

  test("is left alone when what goes away is not what had it", async () => {
    await open("nomicrophone");
    await button("Understood").focus();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await happen(media());
    await expect.poll(alerts).toBe(0);
    expect(await focused()).toBe("nowhere");
  });
});

describe("a trouble with a device", () => {
  test("that was understood is said again when it comes again", async () => {
    await open("nomicrophone");
    await button("Understood").click();
    await expect.poll(alerts).toBe(0);
    await happen(media("RF6205"));
    expect(await alerts()).toBe(0);
    await happen(media());
    await happen(media("RF6205"));
    await expect.poll(alerts).toBe(1);
  });
});

describe("a lost media connection", () => {
  test("is told once, also while it is tried again", async () => {
    await open("failed");
    expect(await alerts()).toBe(1);
    await happen({ t: "connection", state: "new" });
    await page.getByText("Connecting picture and sound").waitFor();
    expect(await alerts()).toBe(0);
    await happen({ t: "connection", state: "connected" });
    await page.getByText("Connecting picture and sound").waitFor({ state: "detached" });
    expect(await alerts()).toBe(0);
  });
});

describe("what happened just now", () => {
  const status = () => page.getByRole("status", { name: "What happened" });
  const said = async () => (await status().locator("p").allInnerTexts()).join("; ");

  test("is said one by one, and each has its time", async () => {
    await open("alone");
    await listen();
    await happen({ t: "notice", kind: "joined", name: "Ben" });
    await happen({ t: "notice", kind: "joined", name: "Chiara" });
    await happen({ t: "notice", kind: "left", name: "Ben" });
    await expect.poll(said).toBe("Ben came in; Chiara came in; Ben left");
    expect(await told()).toBe("Ben came in; Chiara came in; Ben left");
    expect(await status().getAttribute("aria-atomic")).toBe("false");
    await expect.poll(said, { timeout: 15_000 }).toBe("");
  });

  test("is said in the dialog of devices while it is open, in its words", async () => {
    await open("three");
    const found = { t: "notice", kind: "device-found", device: "camera" } as const;
    await button("Devices").click();
    await page.getByRole("dialog", { name: "Devices" }).waitFor();
    await happen({ ...found, name: "Document camera" });
    await expect.poll(said).toBe("Document camera was plugged in. Choose it here");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await said()).toBe("Document camera was plugged in. Choose it under Devices");
  });

  test("names a device that has no name by what it is", async () => {
    await open("before");
    const gone = { t: "notice", kind: "device-lost", device: "camera", name: "", by: "" } as const;
    await happen(gone);
    await happen({ ...gone, kind: "device-found" });
    await expect
      .poll(said)
      .toBe("A camera is gone. Another one is used now; A camera was plugged in. Choose it here");
  });
});

test("that people came or went since the code was made is said when it happens", async () => {
  await open("where");
  await listen();
  await happen({ t: "roster", epoch: 9, mode: "link", members: [] });
  await expect.poll(told).toContain("9");
});

test("whose screen is shown is said when it comes, and not again when another one does", async () => {
  await open("three");
  await listen();
  const screen = (leaf: number) => ({ leaf, context: 3 as const, mid: `s${leaf}` });
  await happen({ t: "tracks", tracks: [screen(1)] });
  await happen({ t: "tracks", tracks: [screen(1), screen(2)] });
  const each = "Ben Lindqvist shares their screen; Chiara Fontana shares their screen";
  await expect.poll(told).toBe(each);
});
