import type { MultiIndex } from "../../../src/index.ts";
import { goldenQuery } from "../../golden/input.ts";
import type { Library } from "./library.ts";

const CAPS = { maxK: 64, maxDraws: 64, maxScan: 64, maxBatch: 1 };
/** The rounding of a sum of probabilities, or of a logarithm of one. */
const ROUNDING = 1e-5;

/** Returns how many of these indexes of at most 64 classes give impossible answers. */
export async function impossibleIndexes({ load }: Library, files: readonly Uint8Array[]): Promise<number> {
  let impossible = 0;
  for (const file of files) {
    const index = await load(file, CAPS);
    if (![0, 1, 2].every((number) => answersArePossible(index, goldenQuery(number)))) impossible++;
    index.dispose();
  }
  return impossible;
}

function answersArePossible(index: MultiIndex, query: Float32Array): boolean {
  const { itemCount } = index.info;
  const all = index.topK(query, 64, { scan: itemCount });
  const exact = index.topK(query, 64, { exact: true });
  const { probabilities } = index.predict(query, 64, { exact: true });
  const { ids, logQ } = index.sample(query, 64, { scan: 2, seed: 1 });
  const { lower, upper, logPartition } = index.logPartition(query, { exact: true, seed: 1 });
  return (
    new Set(all.ids).size === itemCount &&
    all.ids.every((id, i) => id === exact.ids[i] && id < itemCount) &&
    all.scores.every((score, i) => score <= (all.scores[i - 1] ?? score)) &&
    Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - Math.sign(itemCount)) < ROUNDING &&
    ids.length === (itemCount > 0 ? 64 : 0) &&
    ids.every((id) => id >= 0 && id < itemCount) &&
    logQ.every((log) => log <= ROUNDING) &&
    lower <= logPartition &&
    logPartition <= upper
  );
}
