// Responsible for: which track is in whose stream, and that streams stay the same objects.
// Not responsible for: real media (the browser tests).
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamContext } from "../state/events";
import type { Lines } from "./lines";
import { Streams } from "./streams";

class FakeStream {
  #tracks = new Set<unknown>();
  getTracks = () => [...this.#tracks];
  addTrack = (track: unknown) => this.#tracks.add(track);
  removeTrack = (track: unknown) => this.#tracks.delete(track);
}
vi.stubGlobal("MediaStream", FakeStream);

/** Lines with mids 0, 2, 4… for sound and 1, 3, 5… for pictures; a track is named by its mid. */
const lines = {
  byMid(mid: string) {
    const line = Number(mid);
    if (line > 5) return null;
    const kind = line % 2 === 0 ? "audio" : "video";
    return { line: 100 + line, kind, transceiver: { receiver: { track: `track ${mid}` } } };
  },
} as unknown as Lines;

let streams: Streams;
const tracksOf = (leaf: number, context: StreamContext) => streams.get(leaf, context)?.getTracks();

beforeEach(() => {
  streams = new Streams();
  streams.setSlots([
    { mid: "0", leaf: 4, context: 0 },
    { mid: "1", leaf: 4, context: 1 },
    { mid: "3", leaf: null, context: 1 },
  ]);
});

describe("streams", () => {
  it("hold the tracks of the lines that the server says are somebody's", () => {
    const { tracks, slots } = streams.arrange(lines);
    expect(tracksOf(4, 0)).toEqual(["track 0"]);
    expect(tracksOf(4, 1)).toEqual(["track 1"]);
    expect(tracks).toEqual([
      { leaf: 4, context: 0, mid: "0" },
      { leaf: 4, context: 1, mid: "1" },
    ]);
    expect(slots.map(({ line }) => line)).toEqual([100, 101]);
  });

  it("stay the same objects when their line changes", () => {
    streams.arrange(lines);
    const before = streams.get(4, 1);
    streams.setSlots([
      { mid: "3", leaf: 4, context: 1 },
      { mid: "1", leaf: 6, context: 1 },
    ]);
    streams.arrange(lines);
    expect(streams.get(4, 1)).toBe(before);
    expect(tracksOf(4, 1)).toEqual(["track 3"]);
    expect(tracksOf(6, 1)).toEqual(["track 1"]);
    expect(tracksOf(4, 0)).toEqual([]);
  });

  it("take no line that is not there, of another kind, or of a stream that does not exist", () => {
    streams.setSlots([
      { mid: "9", leaf: 4, context: 1 },
      { mid: "0", leaf: 4, context: 1 },
      { mid: "1", leaf: 4, context: 0 },
      { mid: "1", leaf: 4, context: 2 },
      { mid: "0", leaf: 4, context: 3 },
      { mid: "1", leaf: 4, context: 5 },
    ]);
    expect(streams.arrange(lines)).toEqual({ tracks: [], slots: [] });
  });

  it("are wanted as tall as they are shown, on the line where they are", () => {
    streams.setHeight(4, 1, 360);
    streams.setHeight(8, 1, 720);
    expect(streams.wants()).toEqual([{ mid: "1", height: 360 }]);
  });

  it("of a screen are apart from the face of whose screen it is", () => {
    streams.setSlots([
      { mid: "1", leaf: 4, context: 1 },
      { mid: "3", leaf: 4, context: 3 },
      { mid: "2", leaf: 4, context: 2 },
    ]);
    streams.arrange(lines);
    expect(tracksOf(4, 1)).toEqual(["track 1"]);
    expect(tracksOf(4, 3)).toEqual(["track 3"]);
    expect(tracksOf(4, 2)).toEqual(["track 2"]);
    streams.setHeight(4, 3, 1080);
    streams.setHeight(4, 1, 90);
    expect(streams.wants()).toEqual([
      { mid: "1", height: 90 },
      { mid: "3", height: 1080 },
    ]);
  });
});
