// Responsible for: how events change what the page shows.
// Not responsible for: how that looks.
import { describe, expect, test } from "vitest";
import type { ConnectionState, Member, PageEvent } from "../src/state/events";
import { interruptionOf, tells } from "../src/state/interruption";
import { reduce, type PageAction } from "../src/state/reducer";
import { start, type State } from "../src/state/state";

function after(...events: (PageEvent | PageAction)[]): State {
  return events.reduce((state, event, i) => reduce(state, event, 1000 * (i + 1)), start(0));
}

const said = (id: string, you = false): PageEvent => {
  return { t: "chat", id, from_member: "b", name: "Ben", you, text: "Hello", at: 5 };
};

const person = (leaf: number): Member => {
  const member = `m-${leaf}`;
  const there = { present: true, muted: false, camera: true };
  return { leaf, member, name: "N", role: "guest", you: leaf === 0, ...there };
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

describe("an interruption", () => {
  const was = { t: "phase", phase: "in" } as const;
  const others: PageEvent = {
    t: "roster",
    epoch: 1,
    mode: "link",
    members: [person(0), person(1)],
  };
  const connection = (state: ConnectionState): PageEvent => ({ t: "connection", state });

  test("of the server is told step by step, counted from its beginning, and then that it is over", () => {
    const told: unknown[] = [];
    let state = after(was, others, connection("connected"));
    for (const phase of ["lost", "connecting", "ready", "joining"] as const) {
      state = reduce(state, { t: "phase", phase }, 4000 + told.length);
      told.push(interruptionOf(state));
    }
    expect(told).toEqual([
      { step: "lost", since: 4000 },
      { step: "checking", since: 4000 },
      { step: "rejoining", since: 4000 },
      { step: "rejoining", since: 4000 },
    ]);
    state = reduce(state, was, 9000);
    expect(interruptionOf(state)).toBeNull();
    expect(state.notices).toMatchObject([{ kind: "back", took: 5000 }]);
  });

  test("of picture and sound is told apart from their first connection", () => {
    const first = after(was, others, connection("connecting"));
    expect(interruptionOf(first)).toEqual({ step: "connecting", since: 3000 });
    const there = reduce(first, connection("connected"), 4000);
    expect([interruptionOf(there), there.notices]).toEqual([null, []]);
    const broken = reduce(there, connection("failed"), 6000);
    expect(interruptionOf(broken)).toEqual({ step: "failed", since: 6000 });
    const again = reduce(broken, connection("connecting"), 7000);
    expect(interruptionOf(again)).toEqual({ step: "reconnecting", since: 6000 });
    const back = reduce(again, connection("connected"), 9000);
    expect(back.notices).toMatchObject([{ kind: "media-back", took: 3000 }]);
  });

  test("is nothing to tell of somebody who is alone, and a short one leaves no word", () => {
    expect(interruptionOf(after(was, connection("connecting")))).toBeNull();
    const there = after(was, others, connection("connected"), connection("connecting"));
    expect(reduce(there, connection("connected"), 4500).notices).toEqual([]);
  });

  test("by which nobody is heard comes before that of media, and after that of the server", () => {
    const cut = after(was, others, connection("failed"), { t: "cutoff", since: 5 });
    expect(interruptionOf(cut)).toEqual({ step: "cutoff", since: 5 });
    expect(interruptionOf(reduce(cut, { t: "phase", phase: "lost" }, 9000))?.step).toBe("lost");
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

  test("what was said before has its place, and counts where it was not read", () => {
    const told = (id: string): PageEvent => ({
      ...{ t: "chat", id, from_member: "c", name: "Cat", you: false, text: "Hello", at: 5 },
      ...{ told_by: "Ben", before: "2" },
    });
    const reloaded = after(told("0"), said("2"), told("1"));
    expect(reloaded.chat.map((line) => [line.id, line.toldBy])).toEqual([
      ["0", "Ben"],
      ["1", "Ben"],
      ["2", null],
    ]);
    expect(after(told("0"), told("1")).unread).toBe(0);
    expect(after(said("9"), told("0"), told("1")).unread).toBe(3);
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
      owner: false,
      version: 1,
      until: null,
    },
    { t: "roster", epoch: 3, mode: "lobby", members: [] },
  );
  expect(state.meeting?.mode).toBe("lobby");
});

describe("changes of the rules", () => {
  const lobby = { kind: "lobby" as const, name: null, you: false };
  const charter = (version: number, rules = [lobby]): PageEvent => {
    return { t: "charter", version, by: "Ada", you: false, rules };
  };
  const told = ({ changes }: State) => changes.map(({ version, read, at }) => [version, read, at]);

  test("stay until they were read, and are listed after that", () => {
    const state = after(charter(2), { t: "read-changes", upTo: 2 }, charter(3));
    expect(told(state)).toEqual([
      [2, true, 1000],
      [3, false, 3000],
    ]);
  });

  test("are not read that came after those that were shown", () => {
    const state = after(charter(2), charter(3), { t: "read-changes", upTo: 2 });
    expect(told(state)).toEqual([
      [2, true, 1000],
      [3, false, 2000],
    ]);
  });

  test("that are told again on the way back stand once, and stay read", () => {
    const state = after(charter(2), { t: "read-changes", upTo: 2 }, charter(2, []));
    expect(told(state)).toEqual([[2, true, 1000]]);
    expect(state.changes[0]?.rules).toEqual([lobby]);
  });

  test("stand in the words that say more", () => {
    const state = after(charter(2, []), charter(2));
    expect(told(state)).toEqual([[2, false, 1000]]);
    expect(state.changes[0]?.rules).toEqual([lobby]);
  });
});

test("a problem that comes again is said once, with its latest detail", () => {
  const problem = (detail: string): PageEvent => {
    return { t: "problem", code: "RF6304", detail, fatal: false };
  };
  expect(after(problem("a"), problem("b")).problems).toEqual([
    { code: "RF6304", detail: "b", fatal: false },
  ]);
});

describe("a problem that is over", () => {
  const media: PageEvent = { t: "problem", code: "RF6304", detail: "No packets", fatal: false };
  const server: PageEvent = { t: "problem", code: "RF6104", detail: "Silence", fatal: false };
  const connection = (state: ConnectionState): PageEvent => ({ t: "connection", state });
  const codes = ({ problems }: State) => problems.map(({ code }) => code);
  const was = { t: "phase", phase: "in" } as const;
  const others: PageEvent = {
    t: "roster",
    epoch: 1,
    mode: "link",
    members: [person(0), person(1)],
  };

  test("of the media connection goes when media is back, or not wanted any more", () => {
    const failed = after(was, others, connection("failed"), media);
    expect(codes(failed)).toEqual(["RF6304"]);
    expect(codes(reduce(failed, connection("connecting"), 9000))).toEqual(["RF6304"]);
    expect(codes(reduce(failed, connection("connected"), 9000))).toEqual([]);
    expect(codes(reduce(failed, { t: "phase", phase: "waiting" }, 9000))).toEqual([]);
  });

  test.each(["ready", "waiting", "joining", "in"] as const)(
    "of the server goes when it has answered, as one is %s",
    (phase) => {
      const silent = after(server);
      expect(codes(silent)).toEqual(["RF6104"]);
      const there = reduce(silent, { t: "phase", phase }, 9000);
      expect(codes(there)).toEqual([]);
      expect(codes(reduce(there, server, 9001))).toEqual([]);
    },
  );

  test("is not said beside the interruption that tells it", () => {
    const told = (state: State) => {
      const now = interruptionOf(state);
      return codes(state).filter((code) => now !== null && tells(now, code));
    };
    const failed = after(was, others, connection("failed"), media);
    expect(told(failed)).toEqual(["RF6304"]);
    expect(told(reduce(failed, connection("new"), 9000))).toEqual(["RF6304"]);
    const both = reduce(reduce(failed, { t: "phase", phase: "lost" }, 9000), server, 9001);
    expect(told(both)).toEqual(["RF6304", "RF6104"]);
    expect(told(after(was, media))).toEqual([]);
  });
});

test("an offer that nobody answered is an interruption from then on", () => {
  const connection = (state: ConnectionState): PageEvent => ({ t: "connection", state });
  const members = [person(0), person(1)];
  const state = after(
    { t: "phase", phase: "in" },
    { t: "roster", epoch: 1, mode: "link", members },
    connection("new"),
    connection("failed"),
    connection("new"),
  );
  expect(interruptionOf(state)).toEqual({ step: "connecting", since: 4000 });
});

test("who spoke is remembered with the time, for who comes forward", () => {
  const state = after({ t: "speaking", leaves: [3] }, { t: "speaking", leaves: [] });
  expect(state).toMatchObject({ speaking: [], spoke: { 3: 1000 } });
});
