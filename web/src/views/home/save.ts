// Responsible for: handing a file to the browser's downloads.
// Not responsible for: whether it arrives there: no page is told.
import type { KeyFile } from "../../state/client";

/** An address of this page's own for the file, for as long as the page lives. */
export function addressOf({ text }: KeyFile): string {
  return URL.createObjectURL(new Blob([text], { type: "application/json" }));
}

export function save({ name }: KeyFile, address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/** A text as a file that anybody may read. Some browsers fetch it only after a while. */
export function keepText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  save({ name, text }, address);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
