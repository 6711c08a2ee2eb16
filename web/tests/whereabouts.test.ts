// Responsible for: what somebody can say and take back about their own place, what they are told of where the meeting
// is, and the receipt that they save.
// Not responsible for: the geometry (where.test.ts), or what the core makes of a place.
import { describe, expect, test } from "vitest";
import type { PageEvent } from "../src/state/events";
import type { NodePlace } from "../src/state/node";
import { button, focused, happen, listen, open, page, told } from "./visit";

const panel = () => page.getByRole("complementary", { name: "Where this meeting is" });
const text = (words: string | RegExp) => panel().getByText(words);

describe("one's own place", () => {
  test("is a town of a list, then on the map and in words, and can be forgotten", async () => {
    await open("where-unsaid");
    await button("Say where you are").click();
    expect(await button("Use this place").isDisabled()).toBe(true);
    await page.getByLabel("Country", { exact: true }).selectOption({ label: "Finland" });
    await page.getByLabel("Town", { exact: true }).selectOption({ label: "Turku" });
    await button("Use this place").click();
    await text("Turku, Finland, within 30 km").first().waitFor();
    await text("Turku, Finland, within 30 km. This stays on this device.").waitFor();
    await text(/^That is about 6,\d{3} km from you\.$/).waitFor();
    await expect.poll(focused).toBe("Change it");
    await button("Forget it").click();
    await text("Your place is not known to this browser any more.").waitFor();
    expect(await text(/from you\.$/).count()).toBe(0);
    await expect.poll(focused).toBe("Say where you are");
  });

  test("can be typed, and a mistake is said where it was made", async () => {
    await open("where-unsaid");
    await button("Say where you are").click();
    await page.getByRole("radio", { name: "At coordinates" }).check();
    await page.getByLabel("Latitude").fill("43,65");
    await page.getByLabel("Longitude").fill("west");
    await button("Use this place").click();
    await text("A number from -180 to 180.").waitFor();
    expect(await page.getByLabel("Longitude").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Longitude").fill("-79.38");
    await button("Use this place").click();
    await text("43.65° N, 79.38° W, within 5 km").first().waitFor();
  });

  test("can be asked of the browser, as surely as that is", async () => {
    await open("where-unsaid");
    await button("Say where you are").click();
    await page.getByRole("radio", { name: "Ask this browser" }).check();
    await button("Use this place").click();
    await text("60.45° N, 22.27° E, within 2 km").first().waitFor();
  });

  test("is asked about before it accuses a server, until it is confirmed", async () => {
    await open("where-doubt");
    const question = page.getByText("Is this really where you are?");
    await question.waitFor();
    await button("Yes, I am there").click();
    await question.waitFor({ state: "detached" });
    await text("You have confirmed it. It is remembered on this device").waitFor();
  });

  test("is one press away from the question about it", async () => {
    await open("where-doubt");
    await page.getByRole("button", { name: "Close" }).click();
    await button("Change it").click();
    await expect.poll(focused).toBe("Your place");
  });
});

describe("the map", () => {
  test("is one picture with a name, and what it shows is its description in words", async () => {
    await open("where-map");
    const map = panel().getByRole("img");
    await map.waitFor();
    expect(await map.getAttribute("aria-label")).toContain("Map of where the servers");
    const described = await map.getAttribute("aria-describedby");
    const words = await page.locator(`[id="${described ?? ""}"]`).innerText();
    expect(words).toContain("Toronto, Canada, says its operator (43.65° N, 79.38° W).");
    expect(words).toContain("it answered in 5.4 ms");
    expect(words).toContain("it is at most 840 km from you");
  });

  test("says so where there is nothing to draw", async () => {
    await open("where");
    await text(/^There is nothing to draw/).waitFor();
    expect(await panel().getByRole("img").count()).toBe(0);
  });
});

test("a move of the meeting is said in one sentence", async () => {
  await open("where-map");
  await listen();
  const elsewhere: NodePlace = {
    ...{ node: "mtl", name: "mtl1", roles: ["media"], operator: "Other Co-op", parents: [] },
    ...{ country: "CA", place: "Montréal", addresses: [], standing: "stated", allowed: true },
    decisions: [],
  };
  const event: PageEvent = {
    ...{ t: "place", nodes: [elsewhere], sentences: [], fence_name: "Canada" },
    ...{ may_probe: true, may_send: true },
  };
  await happen(event);
  const sentence =
    "This meeting has moved: now held in Montréal, Canada, by Other Co-op (before: in Toronto, Canada, by Example Co-op)";
  await expect.poll(told).toContain(sentence);
  await text(/^Since .* held in Montréal, Canada, by Other Co-op/).waitFor();
});

describe("a receipt", () => {
  test("is saved without one's own place, unless that is asked for", async () => {
    await open("left-place");
    const files: string[] = [];
    page.on("download", (file) => files.push(file.suggestedFilename()));
    await button("Save receipt").click();
    await expect.poll(() => files).toEqual(["receipt.cbor"]);
    await page.getByRole("checkbox").check();
    await button("Save receipt").click();
    await expect.poll(() => files).toEqual(["receipt.cbor", "receipt-with-place.cbor"]);
  });

  test("that could not be made says why", async () => {
    await open("left-place&receipt=wrong");
    await button("Save receipt").click();
    await page.getByRole("alert").filter({ hasText: "RF6117" }).waitFor();
  });
});

describe("stopped by the fence", () => {
  const fact = (label: string) =>
    page
      .locator("dl > div")
      .filter({ has: page.locator("dt").getByText(label, { exact: true }) })
      .locator("dd")
      .innerText();

  test("the page says which server, by which rule, since when, and what went there and elsewhere", async () => {
    await open("stopped-moved");
    expect(await fact("Server")).toBe("pek2, Beijing, China, Example Co-op");
    expect(await fact("Its addresses")).toBe("198.51.100.23");
    expect(await fact("Rule")).toBe("allow.countries");
    expect(await fact("Stopped at")).toMatch(/^\d+:\d\d:\d\d/);
    expect(await fact("Sent there before")).toBe("Nothing was sent there.");
    expect(await fact("Sent elsewhere before")).toMatch(/^tor1: .* 12 min 30 s/);
  });

  test("what went there is told, though it was allowed then", async () => {
    await open("stopped-sent");
    expect(await fact("Sent there before")).toMatch(
      /could go there 2 times .*: 12 min 20 s in all/,
    );
  });

  test("nothing leads back into the call, also not a taken-back place", async () => {
    await open("stopped-doubt");
    await button("Forget it").click();
    await page.getByText("This rests on what you said").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    expect(await page.getByRole("button").allInnerTexts()).toEqual(["", "Save receipt"]);
    expect(await page.locator("main a").allInnerTexts()).toEqual(["Back to the first page"]);
  });
});
