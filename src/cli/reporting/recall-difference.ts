import type { MultiIndex } from "../../index.ts";
import type { RequestMean } from "../../train/policy/estimates.ts";
import type { Pair } from "./compared.ts";
import { meanOf } from "./mean-of.ts";

/** The number of best classes that count. */
const K = 10;

/** Compares by query how many of the best classes predict finds. Each index is held to an exact scan of its own rows. */
export function recallDifference(indexes: Pair<MultiIndex>, queries: Float32Array): RequestMean & { k: number } {
  const [first, second] = indexes;
  const k = Math.min(K, first.info.itemCount, second.info.itemCount);
  const before = recallsOf(first, queries, k);
  const after = recallsOf(second, queries, k);
  return { k, ...meanOf(after.map((recall, i) => recall - (before[i] as number))) };
}

function recallsOf(index: MultiIndex, queries: Float32Array, k: number): number[] {
  const { dim } = index.info;
  return Array.from({ length: queries.length / dim }, (_, row) => {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const best = new Set(index.predict(query, k, { exact: true }).ids);
    return index.predict(query, k, { seed: row }).ids.filter((id) => best.has(id)).length / k;
  });
}
