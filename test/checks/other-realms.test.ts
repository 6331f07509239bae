import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { applyChanges, encodeChanges, readChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { decodeQuestion, encodeQuestion } from "../../src/parts/index.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { build, nextWordExamples } from "../../src/train/index.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";

/** The built-in objects of another realm: those of an iframe in a page, or of jsdom in a test. */
const other: typeof globalThis = runInNewContext("globalThis");
const foreign = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new other.Uint8Array(bytes);

const file = indexFile(tinyIndex({ itemCount: 70, dim: 6, bits: 2 }));
const query = [1, -2, 3, -4, 5, -6];
const expected = (await load(file)).topK(query, 5);

test("such arrays are no instances of the types of this realm", () => {
  expect(foreign(file)).not.toBeInstanceOf(Uint8Array);
});

test.each([
  ["an ArrayBuffer", () => foreign(file).buffer],
  ["a view", () => foreign(file)],
  [
    "a stream of Uint8Array",
    () =>
      new Blob([file])
        .stream()
        .pipeThrough(new TransformStream({ transform: (chunk, to) => to.enqueue(foreign(chunk)) })),
  ],
])("load takes %s of another realm", async (_, source) => {
  expect((await load(source())).topK(query, 5)).toEqual(expected);
});

test("queries, ids and bitmaps of another realm get the same answers", async () => {
  const index = await load(file);
  const vector = new other.Float32Array(query);
  expect(index.topK(vector, 5)).toEqual(expected);
  const allow = { bitmap: foreign(new Uint8Array(9).fill(0b10101)) };
  expect(index.topK(vector, 5, { allow })).toEqual(
    index.topK(query, 5, { allow: { bitmap: Uint8Array.from(allow.bitmap) } }),
  );
  expect(index.score(vector, new other.Int32Array([3, 1]))).toEqual(index.score(query, [3, 1]));
});

test("builds and changes take arrays of another realm", async () => {
  const values = Float32Array.from({ length: 300 * 4 }, (_, i) => Math.sin(7 * i));
  const labels = Array.from({ length: 300 }, (_, i) => `class ${i}`);
  const ofThis = await build({ data: values, shape: [300, 4] }, { labels, seed: 1 });
  const ofOther = await build({ data: new other.Float32Array(values), shape: [300, 4] }, { labels, seed: 1 });
  expect(ofOther).toEqual(ofThis);

  const index = await load(ofThis, { maxDelta: 10 });
  const changes = encodeChanges(index, { removals: ["class 3"] });
  const compacted = (await compact(ofThis, changes)).file;
  expect((await compact(foreign(ofThis), foreign(changes))).file).toEqual(compacted);
  expect(readChanges(foreign(changes))).toEqual(readChanges(changes));
  expect(applyChanges(index, foreign(changes))).toMatchObject({ removed: 1 });
});

test("messages between parts and tokens of another realm are read", () => {
  const question = {
    call: "topK",
    query: Float32Array.from(query),
    size: 3,
    ids: new Int32Array(0),
    options: {},
  } as const;
  const message = encodeQuestion(question);
  expect(decodeQuestion(foreign(message))).toEqual(decodeQuestion(message));
  const tokens = [0, 1, 2, 0, 1, 2, 0];
  // The examples may contain parts of these tokens, of the other realm as well.
  const examples = structuredClone(nextWordExamples(new other.Int32Array(tokens), 3, 2));
  expect(examples).toEqual(nextWordExamples(Int32Array.from(tokens), 3, 2));
});
