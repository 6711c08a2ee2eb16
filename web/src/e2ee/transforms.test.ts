// Responsible for: what is counted of the frames of a line.
// Not responsible for: which frames open (frames.test.ts).
import { beforeEach, expect, it } from "vitest";
import type { Bytes } from "./bytes";
import { MICROPHONE } from "./kid";
import { ANN, BEN, Person, sound, Time } from "./people.fixture";
import { Transforms } from "./transforms";

const LINE = 3;
type Frame = { data: ArrayBuffer; getMetadata: () => { mimeType?: string } };

let ann: Person;
let ben: Person;
let transforms: Transforms;
let line: WritableStreamDefaultWriter<Frame>;
let out: ReadableStreamDefaultReader<Frame>;

beforeEach(() => {
  const time = new Time();
  ann = new Person(ANN, { leaf: BEN, context: MICROPHONE }, time);
  ben = new Person(BEN, { leaf: ANN, context: MICROPHONE }, time);
  ann.install(1);
  ben.install(1);
  transforms = new Transforms(ben.frames, () => ben.slot);
  const arriving = new TransformStream<Frame, Frame>();
  const leaving = new TransformStream<Frame, Frame>();
  transforms.attach({
    readable: arriving.readable,
    writable: leaving.writable,
    options: { role: "receiver", line: LINE, kind: "audio" },
  });
  line = arriving.writable.getWriter();
  out = leaving.readable.getReader();
});

const arrives = (data: Bytes) => void line.write({ data: data.buffer, getMetadata: () => ({}) });
/** Frames keep their order: once this one is out, those before it have been counted. */
const counted = async () => {
  arrives(await ann.seal());
  const { value } = await out.read();
  expect(new Uint8Array(value?.data ?? [])).toEqual(sound);
  return transforms.takeCounts();
};

it("counts what opened and what did not", async () => {
  arrives(await ann.seal());
  const forged = await ann.seal();
  forged[forged.length - 1] = ~(forged.at(-1) ?? 0);
  arrives(forged);
  arrives(new Uint8Array([1, 2, 3]));
  await out.read();
  expect(await counted()).toEqual([{ line: LINE, passed: 2, unopened: 2 }]);
  expect(await counted()).toEqual([{ line: LINE, passed: 1, unopened: 0 }]);
});

it("counts nothing that came while media was closed: no key was tried on it", async () => {
  ben.frames.setOpen(false);
  for (let i = 0; i < 3; i++) arrives(await ann.seal());
  await new Promise((resolve) => setTimeout(resolve));
  ben.frames.setOpen(true);
  expect(await counted()).toEqual([{ line: LINE, passed: 1, unopened: 0 }]);
});
