// Responsible for: HTTP with the server: JSON, and problem details (RFC 9457) as problems.
// Not responsible for: which questions are asked (directory.ts).
import { CODES, Problem } from "../e2ee/problem";

/** Somebody waits for it in a window that stays until then. */
const LONGEST_ANSWER_MS = 30_000;

export async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  let response: Response;
  try {
    const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
    const post = { method: "POST", headers: { "Content-Type": "application/json" } };
    response = await fetch(path, { ...(body && { ...post, body: JSON.stringify(body) }), signal });
    if (response.ok) return (await response.json()) as Answer;
  } catch (thrown) {
    throw new Problem(CODES.offline, String(thrown));
  }
  throw await problemOf(response);
}

/** Why the server refuses what is asked; null when it does not refuse, or is not there. */
export async function refusalOf(path: string): Promise<Problem | null> {
  try {
    await ask(path);
    return null;
  } catch (thrown) {
    return thrown instanceof Problem && thrown.code !== CODES.offline ? thrown : null;
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const { code, detail, title } = (await response.json()) as Record<string, unknown>;
    if (typeof code === "string")
      return new Problem(code, typeof detail === "string" ? detail : String(title));
  } catch {
    // Not from our server: something between us and it.
  }
  return new Problem(CODES.offline, `HTTP ${response.status}`);
}
