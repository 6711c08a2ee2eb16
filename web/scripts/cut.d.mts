// Responsible for: the types of cut.mjs, for the tests.
// Not responsible for: anything at run time.
export function cutOff(): string[];
export function tooLarge(): string[];
