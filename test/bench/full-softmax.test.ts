import { expect, test } from "vitest";
import { fullSoftmax, fullTop } from "../../bench/full-softmax.ts";
import { build, load } from "../../bench/library.ts";
import { randomRows } from "../train/rows.ts";

const N = 2500;
const DIM = 16;

test("the full softmax of the benchmarks equals exact answers", async () => {
  const data = randomRows(N * DIM, 1);
  const index = await load(await build({ data, shape: [N, DIM] }, { bias: randomRows(N, 2) }));
  const query = randomRows(DIM, 3);
  const { ids } = index.topK(query, 10, { exact: true });
  const { logPartition } = index.logPartition(query, { exact: true });
  expect(fullTop(index, query)).toEqual(ids);
  for (const draws of [0, 100]) {
    const full = fullSoftmax(index, query, draws);
    expect(full.ids).toEqual(ids);
    expect(full.logPartition).toBeCloseTo(logPartition, 4);
  }
});
