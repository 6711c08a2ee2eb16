// Responsible for: photographs of every state of the product, at two sizes, light and dark.
// Not responsible for: judging them: look at test-results/*.png.
// Use: npm run shots [-- NAME…]
import { openGallery, settled, stateNames } from "./gallery.mjs";
import { tooLarge } from "./cut.mjs";
import { pressed } from "./pressed.mjs";

const sizes = { phone: { width: 390, height: 844 }, laptop: { width: 1440, height: 900 } };
const schemes = ["light", "dark"];

const gallery = await openGallery();
const wanted = process.argv.slice(2);
const page = await gallery.browser.newPage({ permissions: ["clipboard-write"] });
const faults = [];
page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
page.on("pageerror", (error) => faults.push(String(error)));
const names = [...(await stateNames(page, gallery.address)), ...Object.keys(pressed)];
for (const name of names.filter((one) => wanted.length === 0 || wanted.includes(one))) {
  const [state, press] = pressed[name] ?? [name, async () => undefined];
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of schemes) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(gallery.address(state));
      await settled(page);
      await press(page);
      await page.screenshot({ path: `test-results/${name}-${size}-${colorScheme}.png` });
      for (const long of await page.evaluate(tooLarge)) faults.push(`${name} at ${size}: ${long}`);
    }
  }
}
await gallery.close();
for (const fault of new Set(faults)) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
