// Responsible for: handing a file to the browser's downloads.
// Not responsible for: whether it arrives there: no page is told.
import type { KeyFile, ReceiptFile } from "../../state/client";

/** An address of this page's own for the file, for as long as the page lives. */
export function addressOf({ text }: KeyFile): string {
  return URL.createObjectURL(new Blob([text], { type: "application/json" }));
}

export function save({ name }: { name: string }, address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/** Some browsers fetch it only after a while. */
function keep(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  save({ name }, address);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A text as a file that anybody may read. */
export function keepText(name: string, text: string): void {
  keep(name, new Blob([text], { type: "text/plain" }));
}

export function keepReceipt({ name, bytes }: ReceiptFile): void {
  keep(name, new Blob([new Uint8Array(bytes)], { type: "application/octet-stream" }));
}
