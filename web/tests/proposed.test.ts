// Responsible for: that the owner reads what a change would come to before it is signed, and confirms or goes back.
// Not responsible for: the form (rules.test.ts), or working it out (core/e2ee).
import { expect, test } from "vitest";
import { button, focused, happen, open, page } from "./visit";

const dialog = (name: string) => page.getByRole("dialog", { name, exact: true });
const amended = () => page.evaluate(() => (window as unknown as { amended: unknown[] }).amended);
const differs = () => page.getByRole("region", { name: "What everybody will be told" });
const follows = () => page.getByRole("region", { name: "What follows" });
const confirm = () => button("Change for everybody");

/** The owner has chosen a fence of their own, in which these words are, and asks. */
async function ask(...words: string[]): Promise<void> {
  await open("people");
  await button("Change the rules").click();
  await page.getByRole("radio", { name: "Write my own" }).check();
  const text = ['name = "Ours"', "nodes = [1]", ...words.map((word) => `# ${word}`)].join("\n");
  await page.getByRole("textbox", { name: "Policy", exact: true }).fill(text);
  await page.getByText("allows 1 of 1 server here").last().waitFor();
  await button("See what changes").click();
  await dialog("What would change").waitFor();
}

test("the owner reads in the words of everybody what would differ, and nothing is changed by that", async () => {
  await ask();
  await differs().getByText("The fence is “Canada” now.").waitFor();
  await differs().getByText("Measured round trips now have to rule out: China.").waitFor();
  await follows()
    .getByText(/^The meeting stays on ringfence-1/)
    .waitFor();
  await follows().getByText("Picture and sound of this page would go on.").waitFor();
  await follows()
    .getByText(/^The page of each of the 8 others decides for itself/)
    .waitFor();
  expect(await amended()).toEqual([]);
  await expect.poll(focused).toBe("What would change");
  await confirm().click();
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await amended()).toEqual([{ policy: 'name = "Ours"\nnodes = [1]', version: 1 }]);
});

test("goes back to the form as it was", async () => {
  await ask();
  await button("Back").click();
  await dialog("Change the rules").waitFor();
  const policy = page.getByRole("textbox", { name: "Policy", exact: true });
  expect(await policy.inputValue()).toContain("nodes = [1]");
  await button("See what changes").click();
  await confirm().waitFor();
  expect(await amended()).toEqual([]);
});

test("who would be stopped is said", async () => {
  await ask("exclude");
  await follows()
    .getByText(/would stop until this is no longer so/)
    .waitFor();
  await follows()
    .getByText(/rule out that the node is in China/)
    .waitFor();
  await follows().getByText("RF2109").waitFor();
  await follows()
    .getByText(/^The page of each of the 8 others has to rule places out/)
    .waitFor();
  expect(await confirm().count()).toBe(1);
});

test("a fence that would stop everybody cannot be confirmed", async () => {
  await ask("barred");
  const alert = page.getByRole("alert").filter({ hasText: "RF2104" });
  await alert.getByText(/^ringfence-1 would be outside, and everybody would be stopped/).waitFor();
  expect(await confirm().count()).toBe(0);
});

test.each([["another change is under way", "trouble", /under way/]])(
  "cannot be confirmed while %s",
  async (_, word, why) => {
    await ask(word);
    await page.getByRole("alert").filter({ hasText: "RF3264" }).getByText(why).waitFor();
    expect(await confirm().count()).toBe(0);
  },
);

test("nothing can be confirmed before it was worked out, or once the rules are others than those that were compared", async () => {
  await ask("unanswered");
  await page.getByText("Working out what would change…").waitFor();
  expect(await confirm().count()).toBe(0);
  await button("Back").click();
  await page.getByRole("radio", { name: "Only this server", exact: true }).check();
  await button("See what changes").click();
  await confirm().waitFor();
  await happen({
    ...{ t: "meeting", meeting: "AAECAwQFBgcICQoLDA0ODw", title: "Reading room", version: 2 },
    ...{ admission: "link", mode: "link", role: "host", owner: true, until: null },
  });
  await page.getByText(/^They were changed in between/).waitFor();
  expect(await confirm().count()).toBe(0);
});

test("is read on, and not confirmed, while out of the meeting", async () => {
  await ask();
  await confirm().waitFor();
  await happen({ t: "phase", phase: "lost" });
  await page.getByText("You are not in the meeting at present, so this cannot be done.").waitFor();
  await confirm().focus();
  await page.keyboard.press("Enter");
  expect(await amended()).toEqual([]);
  await happen({ t: "phase", phase: "in" });
  await page.keyboard.press("Enter");
  expect(await amended()).toHaveLength(1);
});
