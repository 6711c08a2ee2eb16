// Responsible for: that the keyboard is not lost when what has the focus goes away: it goes to the nearest home.
// Not responsible for: giving it back when a dialog or a panel is closed (Window.tsx, call/Call.tsx).
import { useLayoutEffect, useRef, type ReactNode } from "react";

const HOME = "[data-focus-home]";

interface KeepFocusProps {
  className?: string | undefined;
  children: ReactNode;
}

/** A home is a heading or a list that scripts may focus: `tabIndex={-1} data-focus-home`. */
export function KeepFocus({ className, children }: KeepFocusProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (box.current ? keepIn(box.current) : undefined), []);
  return (
    <div ref={box} className={className}>
      {children}
    </div>
  );
}

/** Sees the page and not React's renderings: whoever takes something away, its place is known from before. */
function keepIn(box: HTMLElement): () => void {
  let around = pathOf(document.activeElement, box);
  const came = ({ target }: FocusEvent) => (around = pathOf(target as Element, box));
  const went = ({ target }: FocusEvent) => {
    // What is taken away and what is left behind look alike until it is done.
    queueMicrotask(() => {
      if (document.activeElement !== target && (target as Element).isConnected) around = [];
    });
  };
  const watch = new MutationObserver(() => {
    if (around[0] === undefined || around[0].isConnected) return;
    const lost = around;
    around = [];
    if (document.activeElement === document.body) homeOf(lost)?.focus();
  });
  box.addEventListener("focusin", came);
  box.addEventListener("focusout", went);
  watch.observe(box, { childList: true, subtree: true });
  return () => {
    box.removeEventListener("focusin", came);
    box.removeEventListener("focusout", went);
    watch.disconnect();
  };
}

/** An element and what it is in, innermost first; nothing of an element elsewhere. */
function pathOf(element: Element | null, box: Element): Element[] {
  if (!box.contains(element)) return [];
  const path: Element[] = [];
  for (let at = element; at && at !== box; at = at.parentElement) path.push(at);
  return [...path, box];
}

function homeOf(path: Element[]): HTMLElement | null {
  for (const element of path.filter(({ isConnected }) => isConnected)) {
    const home = element.matches(HOME) ? element : element.querySelector(HOME);
    if (home instanceof HTMLElement) return home;
  }
  return null;
}
