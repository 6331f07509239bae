import type { Sequences } from "../../../src/train/sequences/sequences.ts";

/** Item-to-item counts in a table of all pairs in f32, which has the square of the number of items. Ranks of the last items. */
export function denseRanks(
  { offsets, ids, itemCount }: Sequences,
  asked: readonly { readonly items: Int32Array; readonly target: number }[],
  withoutSeen: boolean,
): Readonly<Record<"popularity" | "item-to-item counts", number[]>> {
  const popularity = new Float64Array(itemCount);
  const follows = new Float32Array(itemCount * itemCount);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const items = ids.subarray(offsets[row], offsets[row + 1]);
    for (const [at, item] of items.entries()) {
      popularity[item] = (popularity[item] as number) + 1;
      for (let ahead = 1; ahead <= Math.min(3, items.length - 1 - at); ahead++) {
        const place = item * itemCount + (items[at + ahead] as number);
        follows[place] = (follows[place] as number) + 1 / ahead;
      }
    }
  }
  const rankOf = (scores: Float64Array, items: Int32Array, target: number): number => {
    const leftOut = new Set(withoutSeen ? items : []);
    const own = scores[target] as number;
    const isBefore = (score: number, id: number): boolean =>
      !leftOut.has(id) && (score > own || (score === own && id < target));
    return scores.reduce((count, score, id) => count + Number(isBefore(score, id)), 0);
  };
  return {
    popularity: asked.map(({ items, target }) => rankOf(popularity, items, target)),
    "item-to-item counts": asked.map(({ items, target }) => {
      const scores = new Float64Array(itemCount);
      for (let back = 1; back <= Math.min(5, items.length); back++) {
        const item = items[items.length - back] as number;
        const weight = 2 ** (1 - back) / Math.max(1, popularity[item] as number);
        const row = follows.subarray(item * itemCount, (item + 1) * itemCount);
        for (let id = 0; id < itemCount; id++) scores[id] = (scores[id] as number) + weight * (row[id] as number);
      }
      return rankOf(scores, items, target);
    }),
  };
}
