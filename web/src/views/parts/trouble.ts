// Responsible for: reading a failed promise of the Directory as an error with its code.
// Not responsible for: showing it (Alert.tsx).
import type { DirectoryError } from "../../state/client";

export type Trouble = DirectoryError;

/** "The page's own code failed": its detail says what the browser said. */
export const UNFORESEEN = "RF6103";

export function asProblem(error: unknown): Trouble {
  const { code, detail } = (error ?? {}) as Partial<DirectoryError>;
  if (typeof code === "string") return { code, detail: typeof detail === "string" ? detail : "" };
  return { code: UNFORESEEN, detail: String(error) };
}
