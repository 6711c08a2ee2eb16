// Responsible for: what can be said of a passphrase by looking at its letters alone; pure.
// Not responsible for: the words (messages/en/keeping.ts), or what somebody who knows the person would guess.

/** Whoever has the file can try passphrases for as long as they like. */
export const SHORTEST = 12;

export type Strength = "short" | "repeats" | "fair" | "good";

export interface Judgement {
  strength: Strength;
  /** How many characters it is too short by. */
  missing: number;
  enough: boolean;
}

export function judge(passphrase: string): Judgement {
  const letters = Array.from(passphrase.trim());
  const words = new Set(passphrase.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu));
  const missing = SHORTEST - letters.length;
  const strength =
    missing > 0
      ? "short"
      : new Set(letters).size < SHORTEST / 2
        ? "repeats"
        : words.size >= 4 || letters.length >= 20
          ? "good"
          : "fair";
  return { strength, missing, enough: strength === "fair" || strength === "good" };
}
