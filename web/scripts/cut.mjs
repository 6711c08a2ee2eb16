// Responsible for: finding what a person cannot reach or read: controls cut off at the side, words squeezed to a column.
// Not responsible for: what axe-core finds (accessibility.axe.ts).

/** Runs in the page: names what sticks out of the window sideways, and alerts whose words are too narrow to read. */
export function cutOff() {
  const name = (one) =>
    (one.getAttribute("aria-label") ?? one.textContent ?? "").trim().slice(0, 60);
  // What lies in a strip that scrolls sideways can be reached.
  const scrolls = (one) =>
    one !== null &&
    (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const outside = [
    ...document.querySelectorAll("button, a, input, select, textarea, summary"),
  ].filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    return width > 1 && (left < -1 || right > innerWidth + 1) && !scrolls(one.parentElement);
  });
  const squeezed = [...document.querySelectorAll("[role=alert] p")].filter((one) => {
    const { width } = one.getBoundingClientRect();
    return width > 0 && width < 180;
  });
  return [
    ...outside.map((one) => `out of the window: ${name(one)}`),
    ...squeezed.map((one) => `squeezed: ${name(one)}`),
  ];
}

/** Runs in the page: names how it is larger than the window. A call scrolls in its parts alone. */
export function tooLarge() {
  const { scrollWidth, scrollHeight } = document.documentElement;
  const call = document.querySelector("footer[aria-label=Controls]") !== null;
  return [
    ...(scrollWidth > innerWidth ? [`${scrollWidth - innerWidth} px wider than the window`] : []),
    ...(call && scrollHeight > innerHeight
      ? [`${scrollHeight - innerHeight} px higher than the window`]
      : []),
  ];
}
