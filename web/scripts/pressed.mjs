// Responsible for: the gallery's states that a press makes: where each begins, and what is pressed.
// Not responsible for: photographs (shots.mjs) or what must hold of them (tests/).
import { Buffer } from "node:buffer";

const button = (page, name) => page.getByRole("button", { name, exact: true });

async function begin(page, name) {
  await button(page, "New meeting").click();
  if (name) await page.getByRole("textbox", { name: "Meeting name" }).fill(name);
  await page.getByText("allows 1 of 1 server here").waitFor();
}

async function make(page) {
  await begin(page, "Reading room");
  await button(page, "Create meeting").click();
  await page.getByRole("textbox", { name: "Meeting link" }).waitFor();
}

async function keep(page, passphrase) {
  await make(page);
  await button(page, "Keep a copy").click();
  if (!passphrase) return;
  for (const name of ["Passphrase", "Passphrase again"])
    await page.getByRole("textbox", { name, exact: true }).fill(passphrase);
  await button(page, "Save the file").click();
}

async function bring(page, passphrase) {
  await button(page, "Import a meeting").click();
  if (!passphrase) return;
  const name = "ringfence-AAECAwQFBgcICQoLDA0ODw.key.json";
  const file = { name, mimeType: "application/json", buffer: Buffer.from("{}") };
  await page.getByLabel("Key file").setInputFiles(file);
  await page.getByRole("textbox", { name: "Passphrase", exact: true }).fill(passphrase);
  await button(page, "Import").click();
}

/** A change of the fence, with this word in it. */
async function propose(page, word) {
  await button(page, "Change the rules").click();
  await page.getByRole("radio", { name: "Write my own" }).check();
  const policy = page.getByRole("textbox", { name: "Policy", exact: true });
  await policy.fill(`nodes = [1]\n# ${word}`);
  await page.getByText("allows 1 of 1 server here").last().waitFor();
  await button(page, "See what changes").click();
}

async function lose(page) {
  await page.evaluate(() => globalThis.happen({ t: "phase", phase: "lost" }));
  await page.getByText("You are not in the meeting at present").waitFor();
}

const lost = (page) => page.getByText("Lost both this browser’s data and the file?").click();

/** Name: where it begins, and how it is made. */
export const pressed = {
  "home-new": ["home", (page) => begin(page)],
  "home-new-own": [
    "home",
    async (page) => {
      await begin(page);
      await page.getByRole("radio", { name: "Write my own" }).check();
      await page.getByText("allows 0 of 1 server here").nth(3).waitFor();
    },
  ],
  "home-new-own-filled": [
    "home",
    async (page) => {
      await begin(page);
      await page.getByRole("radio", { name: "Write my own" }).check();
      const add = (list, label) =>
        page
          .getByRole("combobox", { name: `Add to: ${list}`, exact: true })
          .selectOption({ label });
      await add("Countries where servers may stand", "Canada");
      await add("Countries where servers may stand", "EEA and countries found adequate (2026-01)");
      await page.getByRole("radio", { name: "A list of their own" }).check();
      await add("Laws", "United States");
      await page.getByText("allows 0 of 1 server here").nth(3).waitFor();
      await page.getByRole("button", { name: /^Take Canada/ }).scrollIntoViewIfNeeded();
    },
  ],
  "home-new-own-legs": [
    "home",
    async (page) => {
      await begin(page);
      await page.getByRole("radio", { name: "Write my own" }).check();
      await page
        .getByRole("combobox", { name: "Add to: Countries where servers may stand", exact: true })
        .selectOption({ label: "Canada" });
      await page.getByRole("radio", { name: "Only operators that I name" }).check();
      await page.getByRole("button", { name: /who runs this server$/ }).click();
      await page.getByRole("combobox", { name: "Make a leg stricter…" }).selectOption("storage");
      const leg = page.getByRole("group", { name: /^storage: / });
      for (const own of ["Countries of its own", "Operators of its own"])
        await leg.getByRole("checkbox", { name: own }).check();
      await page.getByText("allows 0 of 1 server here").nth(3).waitFor();
      await leg.scrollIntoViewIfNeeded();
    },
  ],
  "home-new-beacons": [
    "home-beacons",
    async (page) => {
      await begin(page);
      await page.getByRole("checkbox", { name: "tmp1" }).uncheck();
      await page.getByRole("heading", { name: "Beacons" }).scrollIntoViewIfNeeded();
    },
  ],
  "home-new-beacons-wrong": [
    "home-beacons",
    async (page) => {
      await begin(page, "Reading room");
      await page.getByRole("textbox", { name: "Keys of other beacons that you know" }).fill("abc");
      await button(page, "Create meeting").click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "home-new-nameless": [
    "home",
    async (page) => {
      await begin(page);
      await button(page, "Create meeting").click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "home-refused": [
    "home",
    async (page) => {
      await begin(page, "Reading room");
      await page.getByRole("radio", { name: "Canada" }).check();
      await button(page, "Create meeting").click();
      await page.getByRole("alert").scrollIntoViewIfNeeded();
    },
  ],
  "home-new-failed": [
    "home-failed",
    async (page) => {
      await button(page, "New meeting").click();
      await page.getByRole("dialog").getByRole("alert").waitFor();
    },
  ],
  "home-link": ["home", make],
  "home-link-copied": [
    "home",
    async (page) => {
      await make(page);
      await button(page, "Copy link").click();
      await page.getByRole("status").filter({ hasText: /./ }).first().waitFor();
    },
  ],
  "home-link-bad": [
    "home",
    async (page) => {
      await page
        .getByRole("textbox", { name: "Have a link?" })
        .fill("https://elsewhere.example/m/1");
      await button(page, "Go").click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "keep-form": ["home", (page) => keep(page)],
  "keep-short": [
    "home",
    async (page) => {
      await keep(page, "too short");
      await page.getByRole("alert").scrollIntoViewIfNeeded();
    },
  ],
  "keep-working": ["home", (page) => keep(page, "four slow snails cross")],
  "keep-saved": [
    "home",
    async (page) => {
      await keep(page, "four quick snails cross");
      await page.getByRole("link", { name: "Save it again" }).waitFor();
    },
  ],
  "keep-lost": [
    "home",
    async (page) => {
      await make(page);
      await lost(page);
      await page.getByText("So make a new meeting").scrollIntoViewIfNeeded();
    },
  ],
  import: ["home-empty", (page) => bring(page)],
  "import-working": ["home", (page) => bring(page, "four slow snails cross")],
  "import-wrong": [
    "home",
    async (page) => {
      await bring(page, "a wrong passphrase");
      await page.getByRole("alert").scrollIntoViewIfNeeded();
    },
  ],
  "import-done": ["home", (page) => bring(page, "four quick snails cross")],
  "import-known": ["home", (page) => bring(page, "already known here")],
  "import-lost": [
    "home",
    async (page) => {
      await bring(page);
      await lost(page);
      await page.getByText("So make a new meeting").scrollIntoViewIfNeeded();
    },
  ],
  "before-nameless": [
    "before",
    async (page) => {
      await button(page, "Join").click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "before-why": ["before-elsewhere", (page) => page.getByText("Why that is allowed").click()],
  "people-remove": ["people", (page) => button(page, "Remove Ben Lindqvist").click()],
  "people-host": ["people", (page) => button(page, "Make host: Ben Lindqvist").click()],
  "rules-change": ["people", (page) => button(page, "Change the rules").click()],
  "rules-see": [
    "people",
    async (page) => {
      await propose(page, "exclude");
      await page.getByText("would stop until this is no longer so").waitFor();
    },
  ],
  "rules-see-barred": [
    "people",
    async (page) => {
      await propose(page, "barred");
      await page.getByText("everybody would be stopped").scrollIntoViewIfNeeded();
    },
  ],
  "rules-refused": [
    "where",
    async (page) => {
      await button(page, "Change the rules").click();
      await page.getByRole("radio", { name: "Canada" }).click();
      await button(page, "See what changes").click();
      await page.getByRole("alert").last().waitFor();
    },
  ],
  "where-rules": [
    "where-removed",
    (page) => page.getByText(/^Somebody was removed/).scrollIntoViewIfNeeded(),
  ],
  "where-say": [
    "where-map",
    async (page) => {
      await button(page, "Change it").click();
      await page.getByLabel("Country", { exact: true }).selectOption("FI");
      await page.getByLabel("Town", { exact: true }).selectOption("Turku");
    },
  ],
  "where-say-wrong": [
    "where",
    async (page) => {
      await button(page, "Say where you are").click();
      await page.getByRole("radio", { name: "At coordinates" }).check();
      await page.getByLabel("Latitude").fill("north");
      await button(page, "Use this place").click();
      await page.getByText("A number from -90 to 90.").scrollIntoViewIfNeeded();
    },
  ],
  "where-candidates-list": [
    "where-candidates",
    (page) => page.getByText("Your browser would allow it.").scrollIntoViewIfNeeded(),
  ],
  "where-world": ["where-map", (page) => button(page, "Whole world").click()],
  "where-exact": [
    "where-map",
    async (page) => {
      await page.getByText("The exact truth").click();
      await page.getByText("What data sets say").scrollIntoViewIfNeeded();
    },
  ],
  "receipt-saved": [
    "left-place",
    async (page) => {
      await button(page, "Save receipt").click();
      await page.getByText("was handed to this browser’s downloads").waitFor();
    },
  ],
  "receipt-failed": [
    "left-place&receipt=wrong",
    async (page) => {
      await button(page, "Save receipt").click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "receipt-working": [
    "where-map&receipt=slow",
    async (page) => {
      await button(page, "Save receipt").click();
      await page.getByText("Making the receipt").scrollIntoViewIfNeeded();
    },
  ],
  "people-host-away": [
    "people",
    async (page) => {
      await button(page, "Make host: Ben Lindqvist").click();
      await lose(page);
    },
  ],
  "rules-away": [
    "people",
    async (page) => {
      await button(page, "Change the rules").click();
      await page.getByRole("radio", { name: "People I admit" }).check();
      await lose(page);
    },
  ],
  "crowd-next": ["crowd", (page) => button(page, "Next page").click()],
  "waiting-devices": ["waiting", (page) => button(page, "Devices").click()],
  devices: ["three", (page) => button(page, "Devices").click()],
  shortcuts: [
    "three",
    async (page) => {
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  ],
};
