// Responsible for: that the keyboard is not lost when what has the focus goes away: it goes to the nearest home.
// Not responsible for: dialogs, which give the focus back themselves (Window.tsx).
import { Component, createRef, type ReactNode } from "react";

const HOME = "[data-focus-home]";

interface KeepFocusProps {
  className?: string | undefined;
  children: ReactNode;
}

/** A home is a heading or a list that scripts may focus: `tabIndex={-1} data-focus-home`. */
export class KeepFocus extends Component<KeepFocusProps> {
  readonly #box = createRef<HTMLDivElement>();

  /** What the focus is in, innermost first, before React changes the page. */
  override getSnapshotBeforeUpdate(): Element[] {
    const around: Element[] = [];
    let at = document.activeElement;
    if (!this.#box.current?.contains(at)) return around;
    for (; at && at !== this.#box.current; at = at.parentElement) around.push(at);
    return [...around, this.#box.current];
  }

  override componentDidUpdate(_props: unknown, _state: unknown, around: Element[]): void {
    if (around.length === 0 || document.activeElement !== document.body) return;
    for (const element of around.filter(({ isConnected }) => isConnected)) {
      const home = element.matches(HOME) ? element : element.querySelector(HOME);
      if (!(home instanceof HTMLElement)) continue;
      home.focus();
      return;
    }
  }

  override render(): ReactNode {
    return (
      <div ref={this.#box} className={this.props.className}>
        {this.props.children}
      </div>
    );
  }
}
