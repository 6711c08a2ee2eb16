// Responsible for: putting the focus on what takes the place of a form that is gone, so that it is read next.
// Not responsible for: the focus inside dialogs (Window.tsx) or of a call's panels (KeepFocus.tsx).

/** Given as a `ref`. */
export const focus = (element: HTMLElement | null): void => element?.focus();

/** A form is longer than a phone: what refused it has to be seen. */
export function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}
