// Responsible for: finding, in the page, what a finger has to hit and is too small for it.
// Not responsible for: opening pages (gallery.mjs) or which states are looked at (tests/).

/** Runs in the page. Links in running text are exempt (WCAG 2.5.8). */
export function smallTargets() {
  const boxes = [...document.querySelectorAll("button, select, summary, input, textarea, a")];
  return boxes.flatMap((element) => {
    const box = (element.closest("label") ?? element).getBoundingClientRect();
    const [width, height] = [Math.round(box.width), Math.round(box.height)];
    // React Aria clips away a button that closes a dialog for screen readers only.
    const clipped = element.closest("[style*='clip']") !== null;
    const hidden = width === 0 || clipped || getComputedStyle(element).visibility === "hidden";
    if (hidden || (width >= 44 && height >= 44)) return [];
    return [`${element.outerHTML.slice(0, 90)} ${width}×${height}`];
  });
}
