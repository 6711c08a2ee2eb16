// Responsible for: the gallery's states that a press makes: where each begins, and what is pressed.
// Not responsible for: photographs (shots.mjs) or what must hold of them (tests/).
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

/** Name: where it begins, and how it is made. */
export const pressed = {
  "home-new": ["home", (page) => begin(page)],
  "home-new-own": [
    "home",
    async (page) => {
      await begin(page);
      await page.getByRole("radio", { name: "Write my own" }).check();
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
  "before-nameless": [
    "before",
    async (page) => {
      await button(page, "Join").click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "before-why": ["before-elsewhere", (page) => page.getByText("Why that is allowed").click()],
  "people-remove": ["people", (page) => button(page, "Remove Ben Lindqvist").click()],
  "crowd-next": ["crowd", (page) => button(page, "Next page").click()],
  devices: ["three", (page) => button(page, "Devices").click()],
  shortcuts: [
    "three",
    async (page) => {
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  ],
};
