import { beforeAll, expect, test } from "vitest";
import { encodeSequences, type Model, trainSequences } from "../../../src/train/index.ts";
import { raggedOf } from "../../../src/train/model/tasks.ts";

const ITEMS = 6;
const of = (...rows: number[][]) => ({ ...raggedOf(rows), itemCount: ITEMS });

let model: Model;
beforeAll(async () => {
  model = (await trainSequences(of([0, 1, 2, 3], [4, 5]), { dim: 8, epochs: 1 })).model;
});

test("sequences of one item have queries, alone as beside longer ones", async () => {
  const queries = await encodeSequences(model, of([2], [4]));
  expect(queries).toHaveLength(16);
  expect(await encodeSequences(model, of([2], [4, 5], [4], [2, 2]), { limit: 1 })).toEqual(queries.slice(0, 8));
  expect(await encodeSequences(model, of([0, 1], [2], [4]))).toEqual(
    Float32Array.of(...(await encodeSequences(model, of([0, 1]))), ...queries),
  );
});

test("no sequences have no queries, and an empty one is refused", async () => {
  expect(await encodeSequences(model, of())).toHaveLength(0);
  await expect(encodeSequences(model, of([1], []))).rejects.toThrow('"sequences" row 1 expected at least one item');
});
