import type { Sequences } from "../../src/train/sequences/sequences.ts";

/** The largest distance behind an item at which another one counts as following it. */
const WINDOW = 3;
/** The last items of a sequence that vote for the next one, each half as much as the one after it. */
const VOTES = 5;

export const BASELINES = ["popularity", "item-to-item counts"] as const;
export type Baseline = (typeof BASELINES)[number];

/**
 * Returns the ranks of the last items of sequences, 0 for the best, by two rules without a model: by how often an item occurs in `train`, and by how often it
 * follows the last items of the sequence there. Items that the sequence has already are left out of the ranks.
 */
export function baselineRanks(train: Sequences, test: Sequences): Readonly<Record<Baseline, readonly number[]>> {
  const { itemCount } = train;
  const popularity = new Float64Array(itemCount);
  const follows = new Float32Array(itemCount * itemCount);
  eachRow(train, (items) => {
    for (const [at, item] of items.entries()) {
      popularity[item] = (popularity[item] as number) + 1;
      for (let back = 1; back <= Math.min(WINDOW, at); back++) {
        const place = (items[at - back] as number) * itemCount + item;
        follows[place] = (follows[place] as number) + 1 / back;
      }
    }
  });
  return {
    popularity: ranksBy(test, () => popularity),
    "item-to-item counts": ranksBy(test, (items) => {
      const scores = new Float64Array(itemCount);
      for (let back = 1; back <= Math.min(VOTES, items.length); back++) {
        const item = items[items.length - back] as number;
        const weight = 2 ** (1 - back) / Math.max(1, popularity[item] as number);
        const row = follows.subarray(item * itemCount, (item + 1) * itemCount);
        for (let id = 0; id < itemCount; id++) scores[id] = (scores[id] as number) + weight * (row[id] as number);
      }
      return scores;
    }),
  };
}

function eachRow({ offsets, ids }: Sequences, visit: (items: Int32Array) => void): void {
  for (let row = 0; row + 1 < offsets.length; row++) visit(ids.subarray(offsets[row], offsets[row + 1]));
}

function ranksBy(test: Sequences, scoresOf: (items: Int32Array) => Float64Array): number[] {
  const ranks: number[] = [];
  eachRow(test, (all) => {
    const [items, target] = [all.subarray(0, -1), all[all.length - 1] as number];
    const scores = scoresOf(items);
    const seen = new Set(items);
    const own = scores[target] as number;
    const isBefore = (score: number, id: number): boolean =>
      !seen.has(id) && (score > own || (score === own && id < target));
    ranks.push(scores.reduce((count, score, id) => count + Number(isBefore(score, id)), 0));
  });
  return ranks;
}
