// Responsible for: what the owner does to the rules and sees of it, and what everybody is told of a change.
// Not responsible for: who signs and checks it (core/e2ee) or real meetings (tests/browser/test_rules.py).
import type { ElementHandle, Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Rule } from "../src/state/events";
import { alerts, button, focused, happen, listen, open, page, told } from "./visit";

const OURS = (name: string) => `name = "${name}"\nnodes = ["this"]`;
const dialog = () => page.getByRole("dialog", { name: "Change the rules" });
const radio = (name: string) => dialog().getByRole("radio", { name, exact: true });
const policy = () => dialog().getByRole("textbox", { name: "Policy", exact: true });
const see = () => dialog().getByRole("button", { name: "See what changes", exact: true });
const word = () => dialog().getByRole("checkbox", { name: /^Accept the operator's word/ });
const own = () =>
  dialog().locator("label", { has: page.getByRole("radio", { name: "Write my own" }) });
const amended = () => page.evaluate(() => (window as unknown as { amended: unknown[] }).amended);
const allows = (count: number) => own().getByText(`allows ${count} of 1 server here`).waitFor();
const rule = (kind: Rule["kind"], name: string | null = null): Rule => ({ kind, name, you: false });

async function change(state = "people"): Promise<void> {
  await open(state);
  await button("Change the rules").click();
  await radio("Only this server").waitFor();
}

describe("the fence that is put in force", () => {
  test("is the one that is shown, however fast it is confirmed", async () => {
    await change();
    await radio("Write my own").check();
    await policy().fill(OURS("first"));
    await allows(1);
    expect(await see().isEnabled()).toBe(true);
    await policy().fill(OURS("slow"));
    // Nothing is known of this one: neither what it allows, nor that it may be confirmed.
    expect(await own().getByText("allows 1 of 1").count()).toBe(0);
    expect(await see().isDisabled()).toBe(true);
    await policy().fill(OURS("second"));
    await allows(1);
    await see().click();
    await button("Change for everybody").click();
    expect(await amended()).toEqual([{ policy: OURS("second"), version: 1 }]);
  });

  test("is not one that was written before a field was changed", async () => {
    await change();
    await radio("Write my own").check();
    await policy().fill(OURS("first"));
    await allows(1);
    await radio("The operator’s word").check();
    expect(await own().getByText("allows 1 of 1").count()).toBe(0);
    expect(await see().isDisabled()).toBe(true);
    await allows(0);
  });

  test("of a new meeting is not one's own before it is known what that allows", async () => {
    await open("home");
    await button("New meeting").click();
    await page.getByRole("textbox", { name: "Meeting name" }).fill("Choir");
    await page.getByRole("radio", { name: "Write my own" }).check();
    await page.getByText("allows 0 of 1 server here").last().waitFor();
    await page.getByRole("dialog").getByRole("textbox").last().fill(OURS("slow"));
    expect(await button("Create meeting").isDisabled()).toBe(true);
  });
});

describe("the owner's dialog", () => {
  test("offers the operator's word only where it changes something", async () => {
    await change();
    expect(await word().count()).toBe(0);
    await radio("Canada").check();
    expect(await word().count()).toBe(1);
  });

  test("says why a fence is refused until another one is chosen, and each time", async () => {
    await change();
    await radio("Canada").check();
    await see().click();
    await expect.poll(alerts).toBe(1);
    const first = (await dialog().getByRole("alert").elementHandle()) as ElementHandle;
    await see().click();
    await expect.poll(() => first.evaluate((alert) => alert.isConnected)).toBe(false);
    expect(await alerts()).toBe(1);
    await radio("European Union").check();
    expect(await alerts()).toBe(0);
  });
});

describe("a change", () => {
  const charter = (version: number, kind: Rule["kind"]) =>
    happen({ t: "charter", version, by: "Ada Okafor", you: false, rules: [rule(kind)] });
  const by = "The owner changed the rules of this meeting";
  const [lobby, link] = ["A host has to let people in.", "Whoever has the link can come in."];
  const banner = () => page.getByRole("region", { name: "Rules of this meeting" });

  test("is said, each by itself, also in the words of the one before", async () => {
    await open("three");
    await listen();
    await charter(2, "lobby");
    await charter(3, "link");
    await charter(4, "lobby");
    await expect.poll(told).toBe(`${by} ${lobby}; ${by} ${link}; ${by} ${lobby}`);
  });

  test("is said while a window is open, behind which nothing else is heard", async () => {
    await open("three");
    await listen();
    await button("Devices").click();
    await page.getByRole("dialog", { name: "Devices" }).waitFor();
    await charter(2, "lobby");
    const silent = (one: Element) => one.closest("[inert], [aria-hidden=true]") !== null;
    const said = page.getByText(`${by} ${lobby}`, { exact: true });
    expect(await said.evaluate(silent)).toBe(false);
    expect(await button("Leave").evaluate(silent)).toBe(true);
    expect(await told()).toContain(`${by} ${lobby}`);
  });

  test("is read by the keyboard, whose place is then the head of the call", async () => {
    await open("rules");
    await button("Understood").focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Reading room renovation");
    expect(await banner().count()).toBe(0);
  });

  test("that comes while the finger is down on Understood is not read by it", async () => {
    await open("rules");
    await button("Understood").hover();
    await page.mouse.down();
    await charter(3, "link");
    await banner().getByText(link).waitFor();
    await button("Understood").hover();
    await page.mouse.up();
    await banner().getByText("Chiara Fontana is a host now.").waitFor({ state: "detached" });
    expect(await banner().getByText(link).count()).toBe(1);
    await button("Understood").click();
    await banner().waitFor({ state: "detached" });
  });

  test("that was not one of the charter is not ascribed to it", async () => {
    await open("where-removed");
    const now = page.getByText("Version 1 of the charter, signed by the owner.");
    expect(await now.innerText()).toBe("Version 1 of the charter, signed by the owner.");
    await page.getByText("Somebody was removed and still knows the link.").waitFor();
    await open("where");
    expect(await now.innerText()).toBe(`${link} Version 1 of the charter, signed by the owner.`);
  });
});

describe("what the owner is asked before", () => {
  const ask = () => page.getByRole("alertdialog");
  /** What a screen reader says of an element after its name. */
  const description = () =>
    ask().evaluate((element) => {
      const id = element.getAttribute("aria-describedby") ?? "";
      return document.getElementById(id)?.textContent ?? "";
    });

  test("a host is made tells what they can do then, and gives the keyboard's place back", async () => {
    await open("people");
    await button("Make host: Ben Lindqvist").focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Cancel");
    expect(await description()).toMatch(/^They can then let people in, turn them away/);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Make host");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Make host: Ben Lindqvist");
    expect(await amended()).toEqual([{ host: { member: "member-1", host: true } }]);
  });

  test("somebody is removed tells what follows", async () => {
    await open("people");
    await button("Remove Ben Lindqvist").click();
    await ask().waitFor();
    expect(await description()).toMatch(/^Picture, sound and keys end for them/);
  });

  test("the rules are changed is left by Escape, back to where it was opened", async () => {
    await open("where");
    await button("Change the rules").focus();
    await page.keyboard.press("Enter");
    await dialog().waitFor();
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await expect.poll(focused).toBe("Change the rules");
  });
});

describe("who is out of the meeting for now", () => {
  const why = "You are not in the meeting at present, so this cannot be done.";
  const lost = { t: "phase", phase: "lost" } as const;

  test("cannot change its rules, and reads why", async () => {
    await change();
    await radio("People I admit").check();
    await happen(lost);
    await dialog().getByRole("status").filter({ hasText: why }).waitFor();
    expect(await see().isDisabled()).toBe(true);
    await see().focus();
    await page.keyboard.press("Enter");
    expect(await amended()).toEqual([]);
    await happen({ t: "phase", phase: "in" });
    await page.keyboard.press("Enter");
    await button("Change for everybody").click();
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await amended()).toEqual([{ admission: "lobby", version: 1 }]);
  });

  test.each([
    ["Make host: Ben Lindqvist", "Make host"],
    ["Remove Ben Lindqvist", "Remove"],
  ])("cannot do it: %s", async (opens, yes) => {
    await open("people");
    await button(opens).click();
    await happen(lost);
    const ask = page.getByRole("alertdialog");
    await ask.getByRole("status").filter({ hasText: why }).waitFor();
    const confirms = ask.getByRole("button", { name: yes, exact: true });
    expect(await confirms.isDisabled()).toBe(true);
    await confirms.focus();
    await page.keyboard.press("Enter");
    expect(await amended()).toEqual([]);
    expect(await ask.count()).toBe(1);
    await page.keyboard.press("Escape");
    expect(await button("Remove Ben Lindqvist").count()).toBe(1);
  });
});

describe("on a phone, above an open panel", () => {
  /** Nothing lies over its words. */
  const seen = (shown: Locator) =>
    shown.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === element;
    });

  test("the owner sees that the rules are changed, and why they are not", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open("people");
    await happen({ t: "charter", version: 2, by: null, you: true, rules: [rule("lobby")] });
    expect(await seen(page.getByText("You changed the rules of this meeting").first())).toBe(true);
    await button("Understood").click();
    const detail = "The rules are the same already.";
    await happen({ t: "problem", code: "RF3264", detail, fatal: false });
    expect(await seen(page.getByText(detail))).toBe(true);
    // And the panel is still there to go on in.
    expect(await seen(page.getByRole("heading", { name: "People" }))).toBe(true);
  });
});
