// Responsible for: what becomes of a shared screen: begun, ended by page or browser, refused.
// Not responsible for: real screens (the browser tests).
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ProblemEvent, ScreenEvent } from "../state/events";
import { canShare, Screen, type Shared } from "./screen";

class FakeTrack {
  contentHint = "";
  stopped = false;
  onended: (() => void) | null = null;
  stop = () => (this.stopped = true);
}

let picture: FakeTrack;
let sound: FakeTrack;
let answer: () => Promise<object>;
let asked: object[];
let supported: object;
let events: (ScreenEvent | ProblemEvent)[];
let sent: (Shared | null)[];
let screen: Screen;

const chosen = (withSound: boolean) => () =>
  Promise.resolve({
    getVideoTracks: () => [picture],
    getAudioTracks: () => (withSound ? [sound] : []),
    getTracks: () => [picture, sound],
  });
const refused = (name: string, words: string) => () =>
  Promise.reject(new DOMException(words, name));

beforeEach(() => {
  [picture, sound, events, sent] = [new FakeTrack(), new FakeTrack(), [], []];
  [asked, supported] = [[], {}];
  answer = chosen(true);
  vi.stubGlobal("MediaStream", Array);
  const getDisplayMedia = (options: object) => {
    asked.push(options);
    return answer();
  };
  const getSupportedConstraints = () => supported;
  vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia, getSupportedConstraints } });
  screen = new Screen({
    event: (event) => events.push(event),
    shared: (shared) => sent.push(shared),
  });
});

describe("a screen", () => {
  it("is sent sharp, with its sound", async () => {
    await screen.share();
    expect(sent).toEqual([{ picture, sound }]);
    expect([picture.contentHint, sound.contentHint]).toEqual(["detail", "music"]);
    expect(events).toEqual([{ t: "screen", sharing: true, sound: true }]);
  });

  it("is sent without sound where there is none", async () => {
    answer = chosen(false);
    await screen.share();
    expect(sent).toEqual([{ picture, sound: null }]);
    expect(events).toEqual([{ t: "screen", sharing: true, sound: false }]);
  });

  it.each([
    [{ restrictOwnAudio: true }, { systemAudio: "include", audio: { restrictOwnAudio: true } }],
    [{}, { systemAudio: "exclude", audio: { echoCancellation: false } }],
  ])("sends nobody their own voice back, and never shows this very page: %o", async (has, wish) => {
    supported = has;
    await screen.share();
    expect(asked).toMatchObject([{ ...wish, selfBrowserSurface: "exclude" }]);
  });

  it("goes on without sound when its sound alone ends", async () => {
    await screen.share();
    sound.onended?.();
    expect(sent.at(-1)).toEqual({ picture, sound: null });
    expect(events.at(-1)).toEqual({ t: "screen", sharing: true, sound: false });
    expect(picture.stopped).toBe(false);
    sound.onended?.();
    expect(events).toHaveLength(2);
  });

  it.each([
    ["by the page", () => screen.stop()],
    ["by the browser's own bar", () => picture.onended?.()],
  ])("ends when it is ended %s, and lets go of everything", async (_, end) => {
    await screen.share();
    end();
    expect(sent.at(-1)).toBeNull();
    expect([picture.stopped, sound.stopped, screen.stream]).toEqual([true, true, null]);
    expect(events.at(-1)).toEqual({ t: "screen", sharing: false, sound: false });
  });

  it("is not shared, and nothing is said, when the person closes the question", async () => {
    answer = refused("NotAllowedError", "Permission denied");
    await screen.share();
    expect([sent, events]).toEqual([[], []]);
  });

  it.each([
    ["NotAllowedError", "Permission denied by system"],
    ["NotReadableError", "Could not start video source"],
  ])("that the system holds back is said: %s", async (name, words) => {
    answer = refused(name, words);
    await screen.share();
    expect(events).toMatchObject([{ t: "problem", code: "RF6211", fatal: false }]);
  });

  it("is asked for once at a time", async () => {
    await Promise.all([screen.share(), screen.share()]);
    await screen.share();
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["the meeting is over", () => screen.close()],
    ["it was stopped", () => screen.stop()],
  ])("that is chosen after %s is let go", async (_, end) => {
    const asking = screen.share();
    end();
    await asking;
    expect([picture.stopped, sent]).toEqual([true, []]);
  });

  it("cannot be shared where the browser has no way to", () => {
    expect(canShare()).toBe(true);
    vi.stubGlobal("navigator", { mediaDevices: {} });
    expect(canShare()).toBe(false);
  });
});
