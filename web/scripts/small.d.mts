// Responsible for: the type of small.mjs, for the tests.
// Not responsible for: anything at run time.
export function smallTargets(): string[];
