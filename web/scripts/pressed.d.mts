// Responsible for: the types of pressed.mjs, for the tests.
// Not responsible for: anything at run time.
import type { Page } from "playwright-core";

export const pressed: Record<string, [state: string, press: (page: Page) => Promise<unknown>]>;
