// Responsible for: the types of gallery.mjs, for the tests.
// Not responsible for: anything at run time.
import type { Browser, Page } from "playwright-core";

export interface Gallery {
  browser: Browser;
  address: (state?: string) => string;
  close: () => Promise<void>;
}

export function launch(): Promise<Browser>;
export function openGallery(): Promise<Gallery>;
export function stateNames(page: Page, address: Gallery["address"]): Promise<string[]>;
export function settled(page: Page): Promise<unknown>;
