import type { RequestMean } from "../../train/policy/estimates.ts";
import type { TimedIndex } from "../evaluating/times.ts";
import type { Pair } from "./compared.ts";
import { meanOf } from "./mean-of.ts";

/** The number of best classes that count. */
const K = 10;

/**
 * Compares by query how many of the best classes predict finds. Each index is held to an exact scan of its own rows. Each has
 * the queries of its own model, in the same order.
 */
export async function recallDifference(
  [first, second]: Pair<TimedIndex>,
  [ofFirst, ofSecond]: Pair<Float32Array>,
): Promise<RequestMean & { k: number }> {
  const k = Math.min(K, first.info.itemCount, second.info.itemCount);
  const before = await recallsOf(first, ofFirst, k);
  const after = await recallsOf(second, ofSecond, k);
  return { k, ...meanOf(after.map((recall, i) => recall - (before[i] as number))) };
}

async function recallsOf(index: TimedIndex, queries: Float32Array, k: number): Promise<number[]> {
  const { dim } = index.info;
  const recalls: number[] = [];
  for (let row = 0; row < queries.length / dim; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const best = new Set((await index.predict(query, k, { exact: true })).ids);
    const { ids } = await index.predict(query, k, { seed: row });
    recalls.push(ids.filter((id) => best.has(id)).length / k);
  }
  return recalls;
}
