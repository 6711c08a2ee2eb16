// Responsible for: the roles and names of keeping and importing a meeting's keys, on the gallery's pages.
// Not responsible for: opening the gallery (names.test.ts).
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { pressed } from "../scripts/pressed.mjs";

export function keepingNames(page: () => Page, open: (state: string) => Promise<unknown>): void {
  const button = (name: string) => page().getByRole("button", { name, exact: true });
  const shown = (locator: Locator) => locator.waitFor({ state: "visible" });
  const focused = (link: string) =>
    page()
      .getByRole("link", { name: link, exact: true })
      .evaluate((element) => element === document.activeElement);

  test("the owner's key of a new meeting is kept in a file with a passphrase that is typed twice", async () => {
    await open("home");
    await pressed["keep-form"]?.[1](page());
    const field = (name: string) => page().getByRole("textbox", { name, exact: true });
    await field("Passphrase").fill("four quick");
    await shown(page().getByText("Too short: 2 more characters at least."));
    await button("Save the file").click();
    await shown(page().getByRole("alert").filter({ hasText: "Too short" }));
    await field("Passphrase").fill("four quick snails cross");
    await field("Passphrase again").fill("four quick snail cross");
    await button("Save the file").click();
    await shown(page().getByRole("alert").filter({ hasText: "differ" }));
    await page().getByRole("checkbox", { name: "Show the passphrase" }).check();
    expect(await field("Passphrase").getAttribute("type")).toBe("text");
    await field("Passphrase again").fill("four quick snails cross");
    const download = page().waitForEvent("download");
    await field("Passphrase again").press("Enter");
    expect((await download).suggestedFilename()).toMatch(/^ringfence-[\w-]{22}\.key\.json$/);
    await expect.poll(() => focused("Save it again")).toBe(true);
  });

  test("a press beside the window with the link closes nothing: the key could not be copied again", async () => {
    await open("home");
    await pressed["home-link"]?.[1](page());
    await page().mouse.click(5, 5);
    await shown(page().getByRole("heading", { name: "Keep a copy of the owner's key" }));
  });

  test("a meeting is imported with its file and passphrase; a wrong one keeps what was typed", async () => {
    await open("home");
    await pressed["import-wrong"]?.[1](page());
    expect(await page().getByRole("alert").textContent()).toContain("RF6113");
    const passphrase = page().getByRole("textbox", { name: "Passphrase", exact: true });
    expect(await passphrase.inputValue()).toBe("a wrong passphrase");
    expect(await page().getByLabel("Key file").inputValue()).toContain("ringfence-");
    await passphrase.fill("a slow passphrase");
    await button("Import").click();
    await shown(page().getByRole("status").filter({ hasText: "Opening the file" }));
    await open("home");
    await pressed["import-done"]?.[1](page());
    await expect.poll(() => focused("Open meeting")).toBe(true);
  });

  test.each([
    [
      "is made",
      "Create meeting",
      async () => {
        await button("New meeting").click();
        await page().getByRole("textbox", { name: "Meeting name" }).fill("A slow meeting");
        await button("Create meeting").click();
      },
    ],
    ["is imported", "Import", async () => pressed["import-working"]?.[1](page())],
    ["is copied", "Save the file", async () => pressed["keep-working"]?.[1](page())],
  ])("while a meeting %s its window stays, and “%s” keeps the focus", async (_, confirm, begin) => {
    await open("home");
    await begin();
    const status = page().getByRole("dialog").getByRole("status");
    await shown(status.filter({ hasText: "…" }));
    const focusedNow = () => page().evaluate(() => document.activeElement?.textContent);
    expect(await focusedNow()).toBe(confirm);
    await page().keyboard.press("Enter"); // does not begin it a second time
    await page().keyboard.press("Escape");
    await page().mouse.click(5, 5);
    for (const name of ["Close", "Cancel"]) {
      expect(await button(name).getAttribute("aria-disabled")).toBe("true");
      await button(name).click({ force: true });
    }
    await shown(status.filter({ hasText: "…" }));
    await shown(button(confirm));
  });

  test("a meeting that could not be made says why, keeps the focus, and lets the window go", async () => {
    await open("home");
    await button("New meeting").click();
    await page().getByRole("textbox", { name: "Meeting name" }).fill("A wrong meeting");
    await button("Create meeting").click();
    await shown(page().getByRole("alert").filter({ hasText: "RF6104" }));
    expect(await page().evaluate(() => document.activeElement?.textContent)).toBe("Create meeting");
    await button("Cancel").click();
    await page().getByRole("dialog").waitFor({ state: "detached" });
  });

  test("an import without a file or a passphrase asks for it", async () => {
    await open("home");
    await button("Import a meeting").click();
    await button("Import").click();
    await shown(page().getByRole("alert").filter({ hasText: "Choose the key file" }));
  });

  test("who lost both reads what can still be done", async () => {
    await open("home");
    await pressed["import-lost"]?.[1](page());
    await shown(page().getByText("Anyone with the link still meets"));
  });
}
