// Responsible for: what a person reads when something went wrong.
// Not responsible for: which errors there are, or their words (src/messages).
import { expect, test } from "vitest";
import { errorWords } from "../src/messages/errors";
import { happen, open, page } from "./visit";

const why = errorWords("RF1009")?.why ?? "";
const alert = () => page.getByRole("alert").filter({ hasText: "RF1009" });

test("what a server has to add to an error is said, and only once when it is nothing new", async () => {
  await open("three");
  await happen({ t: "problem", code: "RF1009", detail: why, fatal: false });
  expect(await alert().getByText(why).count()).toBe(1);
  await happen({ t: "problem", code: "RF1009", detail: "The disk is full.", fatal: false });
  await alert().getByText("The disk is full.").waitFor();
  expect(await alert().getByText(why).count()).toBe(1);
});
