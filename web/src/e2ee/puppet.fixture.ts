// Responsible for: a participant that says what a test puts into its mouth, and remembers what it heard.
// Not responsible for: what is done with what it says (session.ts).
import type { Participant } from "./session";

/** As the file of borders would come. */
export const fetched = () => Promise.resolve(Uint8Array.of(1, 2, 3));

export class Puppet implements Participant {
  heard: { t: string; [name: string]: unknown }[] = [];
  says: unknown[] = [];
  next: number | undefined;
  broken = false;
  readonly config: Record<string, unknown>;
  readonly given: Uint8Array[] = [];
  constructor(config: string) {
    this.config = JSON.parse(config) as Record<string, unknown>;
  }
  handle(input: string): void {
    if (this.broken) throw new Error("RF6103 unreachable");
    this.heard.push(JSON.parse(input) as { t: string });
  }
  take(): string {
    const said = JSON.stringify(this.says);
    this.says = [];
    return said;
  }
  nextTimeout = () => this.next;
  mediaKey(epoch: number, leaf: number): Uint8Array {
    const bytes = new Uint8Array(16).fill(epoch * 16 + leaf + 1);
    this.given.push(bytes);
    return bytes;
  }
  readonly borders: Uint8Array[] = [];
  loadBorders(file: Uint8Array): void {
    this.borders.push(file);
  }
  rehearsals = 0;
  rehearse(): void {
    this.rehearsals++;
    if (this.broken) throw new Error("RF6103 unreachable");
  }
  free = () => undefined;
}

export const keys = (epoch: number, own_leaf = 0) => ({
  t: "keys",
  epoch,
  own_leaf,
  leaves: [{ leaf: 0 }, { leaf: 1 }],
  close_old_after_ms: 10_000,
  switch_after_ms: 0,
});
