// Responsible for: one's own fence by its fields, by its text and by files.
// Not responsible for: what it allows (core/fence) or real meetings (tests/browser/test_own_fence.py).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { COUNTRIES, GROUPS, named, placeName } from "../src/views/parts/places";
import { EMPTY, written } from "../src/views/home/policy";
import { button, focused, open, page } from "./visit";

const policy = () => page.getByRole("textbox", { name: "Policy", exact: true });
const add = (list: string) => page.getByRole("combobox", { name: `Add to: ${list}`, exact: true });
const radio = (name: string) => page.getByRole("radio", { name, exact: true });
const WHERE = "Countries where servers may stand";
const BY_HAND = "The text below was written by hand and counts.";

async function own(): Promise<void> {
  await open("home");
  await button("New meeting").click();
  await radio("Write my own").check();
  await policy().waitFor();
}

describe("one's own fence", () => {
  test("allows nothing until its owner says what", async () => {
    await own();
    expect(await policy().inputValue()).toBe(written(EMPTY));
    expect(await policy().inputValue()).toContain("countries = []");
  });

  test("is written by its fields", async () => {
    await own();
    await page.getByRole("textbox", { name: "Name of the fence" }).fill('The "clinic"');
    await add(WHERE).selectOption({ label: "Canada" });
    await add(WHERE).selectOption({ label: "European Union (2026-01)" });
    await radio("A list of their own").check();
    await add("Laws").selectOption({ label: "United States" });
    await radio("The operator’s word").check();
    await add("Places that have to be ruled out").selectOption({ label: "China" });
    await page.getByRole("checkbox", { name: /^This very server/ }).check();
    expect((await policy().inputValue()).split("\n")).toEqual([
      'name = "The \\"clinic\\""',
      "version = 1",
      "",
      "[allow]",
      'countries = ["CA", "eu@2026-01"]',
      'law = ["US"]',
      expect.stringMatching(/^nodes = \["[\w-]+"\]$/),
      "",
      "[evidence]",
      'minimum = "stated"',
      'exclude = ["CN"]',
      "",
    ]);
  });

  test("has a field for everything that a policy can say", async () => {
    await own();
    await add(WHERE).selectOption({ label: "Canada" });
    await add(WHERE).selectOption({ label: "France" });
    await radio("Only operators that I name").check();
    await button("Municipal Library of Turku (library-turku), who runs this server").click();
    const operators = page.getByRole("textbox", { name: "Add to: Operators", exact: true });
    await operators.fill(" example-coop ");
    await operators.press("Enter");
    await operators.fill("gone");
    await button("Put into: Operators").click();
    await button("Take gone from: Operators").click();
    await page.getByRole("checkbox", { name: /^GeoIP/ }).check();
    await page.getByRole("spinbutton", { name: "How many observers may lie" }).fill("2");
    await page.getByText("Other servers by their keys").click();
    const nodes = page.getByRole("textbox", { name: "Add to: Named servers", exact: true });
    await nodes.fill("AQEB");
    await nodes.press("Enter");
    await page.getByRole("combobox", { name: "Make a leg stricter…" }).selectOption("storage");
    const leg = page.getByRole("group", { name: "storage: keeps data", exact: true });
    await leg.getByRole("checkbox", { name: "Countries of its own" }).check();
    await leg.getByRole("checkbox", { name: "Operators of its own" }).check();
    await leg.getByRole("button", { name: "Take France from: Countries for storage" }).click();
    await leg
      .getByRole("button", { name: "Take library-turku from: Operators for storage" })
      .click();
    expect((await policy().inputValue()).split("\n").slice(3)).toEqual([
      "[allow]",
      'countries = ["CA", "FR"]',
      'operators = ["library-turku", "example-coop"]',
      'nodes = ["AQEB"]',
      "",
      "[evidence]",
      'minimum = "consistent"',
      "liars = 2",
      'sources = ["geoip"]',
      "",
      "[roles.storage]",
      'countries = ["CA"]',
      'operators = ["example-coop"]',
      "",
    ]);
    await button("No rule of its own for: storage").click();
    await expect.poll(focused).toContain("Make a leg stricter…");
    expect(await policy().inputValue()).not.toContain("[roles");
  });

  test("cannot be made wider for one leg: what is outside is not offered", async () => {
    await own();
    await add(WHERE).selectOption({ label: "Canada" });
    await add(WHERE).selectOption({ label: "France" });
    await page.getByRole("combobox", { name: "Make a leg stricter…" }).selectOption("media");
    const leg = page.getByRole("group", { name: /^media: / });
    await leg.getByRole("checkbox", { name: "Countries of its own" }).check();
    await leg.getByRole("button", { name: "Take France from: Countries for media" }).click();
    const offered = leg.getByRole("combobox", { name: "Add to: Countries for media" });
    await expect
      .poll(() => offered.locator("option:not([disabled])").allTextContents())
      .toEqual(["France"]);
  });

  test("is in its fields once its text was read", async () => {
    await own();
    await policy().fill('name = "Ours"\n[allow]\ncountries = ["FI"]\n[evidence]\nliars = 3\n');
    await button(`Take Finland from: ${WHERE}`).waitFor();
    expect(await page.getByRole("textbox", { name: "Name of the fence" }).inputValue()).toBe(
      "Ours",
    );
    expect(await page.getByRole("spinbutton", { name: /may lie$/ }).inputValue()).toBe("3");
    // A change keeps what was read.
    await add(WHERE).selectOption({ label: "Sweden" });
    expect(await policy().inputValue()).toContain('countries = ["FI", "SE"]');
    expect(await policy().inputValue()).toContain("liars = 3");
  });

  test("loses a country by its button, and the keyboard goes on at the list", async () => {
    await own();
    await add(WHERE).selectOption({ label: "Canada" });
    await add(WHERE).selectOption({ label: "France" });
    await button(`Take Canada from: ${WHERE}`).focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe(`Add to: ${WHERE}`);
    expect(await policy().inputValue()).toContain('countries = ["FR"]');
    expect(await add(WHERE).locator("option", { hasText: "France" }).count()).toBe(0);
  });

  test("counts as it was written by hand, until a field is changed", async () => {
    await own();
    await policy().fill("nodes = this");
    await page.getByText(BY_HAND).waitFor();
    await page.getByText("allows 1 of 1 server here").last().waitFor();
    await radio("Any law").check();
    expect(await policy().inputValue()).toBe(written({ ...EMPTY, law: "any" }));
    expect(await page.getByText(BY_HAND).count()).toBe(0);
  });

  test("is kept when another fence is looked at in between", async () => {
    await own();
    await add(WHERE).selectOption({ label: "Canada" });
    await radio("European Union").check();
    await radio("Write my own").check();
    await button(`Take Canada from: ${WHERE}`).waitFor();
  });

  test("comes from a file and goes into one", async () => {
    await own();
    const file = page.locator("input[type=file]");
    await file.setInputFiles({
      name: "f.toml",
      mimeType: "text/plain",
      buffer: Buffer.from("nodes = 1"),
    });
    await expect.poll(() => policy().inputValue()).toBe("nodes = 1");
    const download = page.waitForEvent("download");
    await button("Save as a file").click();
    const saved = await (await download).path();
    expect(readFileSync(saved, "utf8")).toBe("nodes = 1");
    expect((await download).suggestedFilename()).toBe("fence.toml");
  });

  test("is not taken from a file that is too long to be one", async () => {
    await own();
    const buffer = Buffer.alloc(65 * 1024, "a");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "f", mimeType: "text/plain", buffer });
    await page.getByRole("alert").filter({ hasText: "too long" }).waitFor();
    expect(await policy().inputValue()).toBe(written(EMPTY));
  });
});

describe("places", () => {
  const file = readFileSync(new URL("../../core/fence/groups.json", import.meta.url), "utf8");
  const groups = JSON.parse(file) as Record<string, { countries?: string }>;

  test("are those that the core knows", () => {
    expect(COUNTRIES).toEqual(groups["world@2026-01"]?.countries?.split(" "));
    expect(Object.keys(GROUPS).sort()).toEqual(Object.keys(groups).sort());
  });

  test.each([
    ["CA", "Canada"],
    ["world-except-cn@2026-01", "All but China (2026-01)"],
    ["ZZZ", "ZZZ"],
  ])("%s is called %s", (place, name) => {
    expect(placeName(place)).toBe(name);
  });

  test("have names in what the core says", () => {
    expect(named("by their keys: a-CA-1_US-b, CA.")).toBe("by their keys: a-CA-1_US-b, Canada.");
    expect(named("Servers are allowed in: CA, eu@2026-01.")).toBe(
      "Servers are allowed in: Canada, European Union (2026-01).",
    );
    expect(named("No server is allowed: this fence names neither a country nor a node.")).toBe(
      "No server is allowed: this fence names neither a country nor a node.",
    );
  });
});
