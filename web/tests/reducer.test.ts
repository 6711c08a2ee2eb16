// Responsible for: how events change what the page shows.
// Not responsible for: how that looks.
import { describe, expect, test } from "vitest";
import type { PageEvent } from "../src/state/events";
import { reduce, type PageAction } from "../src/state/reducer";
import { start, type State } from "../src/state/state";

function after(...events: (PageEvent | PageAction)[]): State {
  return events.reduce((state, event, i) => reduce(state, event, 1000 * (i + 1)), start(0));
}

const said = (id: string, you = false): PageEvent => {
  return { t: "chat", id, from_member: "b", name: "Ben", you, text: "Hello", at: 5 };
};

describe("phases", () => {
  test.each(["left", "removed", "denied", "stopped"] as const)(
    "nothing brings a meeting back that ended as %s",
    (phase) => {
      const end = after({ t: "phase", phase: "in" }, { t: "phase", phase });
      expect(reduce(end, { t: "phase", phase: "in" }, 9000).phase).toBe(phase);
    },
  );

  test("the removed keep no roster, no tracks and no knocks", () => {
    const end = after(
      { t: "tracks", tracks: [{ leaf: 1, context: 1, mid: "3" }] },
      { t: "knocks", knocks: [{ id: "k", name: "Kim" }] },
      { t: "phase", phase: "removed", code: "RF3300" },
    );
    expect(end).toMatchObject({ members: [], tracks: [], knocks: [], code: "RF3300" });
  });

  test("who loses the server is known to be lost until they are back in", () => {
    const lost = after(
      { t: "phase", phase: "in" },
      { t: "phase", phase: "lost" },
      { t: "phase", phase: "connecting" },
    );
    expect(lost).toMatchObject({ joinedAt: 1000, lostAt: 2000 });
    expect(reduce(lost, { t: "phase", phase: "in" }, 9000)).toMatchObject({
      joinedAt: 1000,
      lostAt: null,
    });
  });
});

test("screens are in the order in which they began, whatever lines they are on", () => {
  const track = (leaf: number, mid: string) => ({ leaf, context: 3 as const, mid });
  const state = after(
    { t: "tracks", tracks: [track(4, "9"), { leaf: 2, context: 1, mid: "3" }] },
    { t: "tracks", tracks: [track(2, "5"), track(4, "9")] },
  );
  expect(state.sharers).toEqual([4, 2]);
  expect(reduce(state, { t: "tracks", tracks: [track(2, "5")] }, 9000).sharers).toEqual([2]);
});

describe("chat", () => {
  test("counts what others wrote while it is closed, and nothing of one's own", () => {
    const state = after(said("1"), said("2"), said("3", true));
    expect(state.unread).toBe(2);
    expect(reduce(state, { t: "show", panel: "chat" }, 9000).unread).toBe(0);
  });

  test("the same message delivered twice is shown once", () => {
    expect(after(said("1"), said("1")).chat).toHaveLength(1);
  });
});

test("opening the place again asks for a fresh verification code", () => {
  const state = after({ t: "code", code: "1", epoch: 4 }, { t: "show", panel: "where" });
  expect(state.verification).toBeNull();
});

test("a removal in a link meeting shows at once that people have to be let in", () => {
  const state = after(
    {
      t: "meeting",
      meeting: "m",
      title: "T",
      admission: "link",
      mode: "link",
      role: "host",
      until: null,
    },
    { t: "roster", epoch: 3, mode: "lobby", members: [] },
  );
  expect(state.meeting?.mode).toBe("lobby");
});

test("a problem that comes again is said once, with its latest detail", () => {
  const problem = (detail: string): PageEvent => {
    return { t: "problem", code: "RF6304", detail, fatal: false };
  };
  expect(after(problem("a"), problem("b")).problems).toEqual([
    { code: "RF6304", detail: "b", fatal: false },
  ]);
});

test("who spoke is remembered with the time, for who comes forward", () => {
  const state = after({ t: "speaking", leaves: [3] }, { t: "speaking", leaves: [] });
  expect(state).toMatchObject({ speaking: [], spoke: { 3: 1000 } });
});
