// Responsible for: what the page remembers of where a meeting was held, and of when something could go there.
// Not responsible for: how that looks, or deciding it (the core).
import { describe, expect, test } from "vitest";
import type { PageEvent } from "../src/state/events";
import type { NodePlace } from "../src/state/node";
import { doubted } from "../src/state/place";
import { reduce } from "../src/state/reducer";
import { sentTo } from "../src/state/route";
import { start, type State } from "../src/state/state";

/** The nth happens at n seconds. */
function after(...events: PageEvent[]): State {
  return events.reduce((state, event, i) => reduce(state, event, 1000 * (i + 1)), start(0));
}

const node = (key: string, place: string): NodePlace => ({
  ...{ node: key, name: `${key}1`, roles: ["media"], operator: "Co-op", parents: [] },
  ...{ country: "CA", place, addresses: [], standing: "stated", allowed: true, decisions: [] },
});
const toronto = node("tor", "Toronto");
const montreal = node("mtl", "Montréal");
const at = (nodes: NodePlace[], may = true): PageEvent => ({
  ...{ t: "place", nodes, sentences: [], fence_name: "Canada" },
  ...{ may_probe: may, may_send: may },
});
const sending = (open: boolean): PageEvent => ({ t: "sending", open });

describe("a change of route", () => {
  test("is told in one sentence, and kept", () => {
    const state = after(at([toronto]), at([montreal]));
    expect(state.notices).toMatchObject([
      {
        kind: "moved",
        name: "in Montréal, Canada, by Co-op",
        by: "in Toronto, Canada, by Co-op",
      },
    ]);
    expect(state.moves).toEqual([{ at: 2000, before: [toronto], now: [montreal] }]);
  });

  test("is none when the same servers are told of again, in another order, or judged anew", () => {
    const state = after(
      at([toronto, montreal]),
      at([montreal, toronto]),
      at([{ ...toronto, standing: "consistent" }, montreal], false),
    );
    expect([state.notices, state.moves]).toEqual([[], []]);
  });

  test("to where the fence does not let it go is no move", () => {
    const state = after(at([toronto]), at([montreal], false));
    expect([state.notices, state.moves]).toEqual([[], []]);
    expect(state.place?.nodes).toEqual([montreal]);
  });
});

describe("what could be sent", () => {
  test("is remembered for each server, from when to when", () => {
    const state = after(
      at([toronto]),
      sending(true),
      sending(true),
      sending(false),
      sending(true),
      at([montreal]),
      { t: "phase", phase: "stopped", code: "RF2104" },
    );
    expect(sentTo(state.sent, "tor")).toMatchObject([
      { from: 2000, until: 4000 },
      { from: 5000, until: 6000 },
    ]);
    expect(sentTo(state.sent, "mtl")).toMatchObject([{ from: 6000, until: 7000 }]);
  });

  test("is nothing for a server that the fence refuses as soon as it is told of", () => {
    const state = after(at([toronto]), sending(true), at([montreal], false), sending(false), {
      t: "phase",
      phase: "stopped",
      code: "RF2104",
    });
    expect(sentTo(state.sent, "mtl")).toEqual([]);
    expect(sentTo(state.sent, "tor")).toMatchObject([{ from: 2000, until: 3000 }]);
  });

  test("ends with the meeting, and does not grow for ever", () => {
    const left = after(at([toronto]), sending(true), { t: "phase", phase: "left" });
    expect(left.sent).toMatchObject([{ from: 2000, until: 3000 }]);
    const long = Array.from({ length: 1000 }, (_, i) => sending(i % 2 === 0));
    expect(after(at([toronto]), ...long).sent.length).toBeLessThanOrEqual(200);
  });
});

test("a server is in doubt where a round trip contradicts it by one typed place alone", () => {
  const reason = { rule: "statement", source: "round trips", text: "" };
  const refused = (code: string): NodePlace => ({
    ...toronto,
    decisions: [{ role: "media", allowed: false, checked: true, reasons: [{ ...reason, code }] }],
  });
  const doubt = (code: string) => doubted(after(at([montreal, refused(code)])).place)?.node;
  expect([doubt("RF2116"), doubt("RF2115")]).toEqual(["tor", undefined]);
});

test("one's own place is what was said last", () => {
  const whereabouts = { lat: 1, lon: 2, radius_km: 3, town: null, confirmed: false };
  const said = after({ t: "whereabouts", whereabouts });
  expect(said.whereabouts).toEqual(whereabouts);
  expect(reduce(said, { t: "whereabouts", whereabouts: null }, 9).whereabouts).toBeNull();
});
