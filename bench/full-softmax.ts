// The baseline of midx: the softmax over all rows of the same index, with the fastest kernels available here.
import { SEARCH_TOP_COUNT } from "../build/structs.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { openedOf } from "./library.ts";

/**
 * The number of rows in a call. Long calls of a fresh instance run on slow code, and the scores of short ones stay in
 * the cache.
 */
const BLOCK = 1000;

export interface FullSoftmax {
  readonly logPartition: number;
  readonly ids: Int32Array;
}

/**
 * Scores every row, block by block, with a running top 10 and log-sum-exp. With `draws` above 0, it also takes exact
 * draws from the block sums: the plain scan as a proposal, whose log Q is its log P.
 */
export function fullSoftmax(index: MultiIndex, query: Float32Array, draws: number): FullSoftmax {
  const { kernels, plan, search } = openedOf(index);
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  new Float32Array(buffer, regions.query, query.length).set(query);
  kernels.prepareQuery(layout);
  search[SEARCH_TOP_COUNT / 8] = 0;
  const positions = new Int32Array(buffer, regions.headPositions, BLOCK + 4);
  const scores = new Float32Array(buffer, regions.headScores, BLOCK);
  const blocks = Math.ceil(index.info.itemCount / BLOCK);
  const sums = new Float64Array(blocks);
  const weights = draws > 0 ? new Float32Array(index.info.itemCount) : undefined;
  let shift = Number.NEGATIVE_INFINITY;
  let total = 0;
  for (let block = 0; block < blocks; block++) {
    const first = block * BLOCK;
    const count = Math.min(BLOCK, index.info.itemCount - first);
    for (let i = 0; i < count; i++) positions[i] = first + i;
    kernels.scorePositions(layout, regions.headPositions, count, regions.headScores);
    kernels.topPush(layout, regions.headPositions, regions.headScores, count, 10);
    if (shift === Number.NEGATIVE_INFINITY) shift = Math.max(...scores.subarray(0, count)) + 20;
    const sum = kernels.expInto(regions.headScores, count, shift, 1, regions.headScores);
    weights?.set(scores.subarray(0, count), first);
    sums[block] = sum;
    total += sum;
  }
  kernels.topSort(layout);
  if (weights) {
    for (let j = 0, block = 0, before = 0; j < draws; j++) {
      const target = ((j + 0.5) / draws) * total;
      while (block < blocks - 1 && before + (sums[block] as number) <= target) before += sums[block++] as number;
      let rest = target - before;
      for (let i = block * BLOCK; i < weights.length && rest >= (weights[i] as number); i++)
        rest -= weights[i] as number;
    }
  }
  return { logPartition: shift + Math.log(total), ids: new Int32Array(buffer, regions.topIds, 10).slice() };
}

/** Scores every row, block by block, with a running top 10 and nothing more. */
export function fullTop(index: MultiIndex, query: Float32Array): Int32Array {
  const { kernels, plan, search } = openedOf(index);
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  new Float32Array(buffer, regions.query, query.length).set(query);
  kernels.prepareQuery(layout);
  search[SEARCH_TOP_COUNT / 8] = 0;
  const positions = new Int32Array(buffer, regions.headPositions, BLOCK + 4);
  for (let first = 0; first < index.info.itemCount; first += BLOCK) {
    const count = Math.min(BLOCK, index.info.itemCount - first);
    for (let i = 0; i < count; i++) positions[i] = first + i;
    kernels.scorePositions(layout, regions.headPositions, count, regions.headScores);
    kernels.topPush(layout, regions.headPositions, regions.headScores, count, 10);
  }
  kernels.topSort(layout);
  return new Int32Array(buffer, regions.topIds, 10).slice();
}
