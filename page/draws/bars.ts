import type { MultiIndex } from "../../src/index.ts";

const SHOWN_CLASSES = 20;

/** The histograms show the most probable classes under the exact softmax, and all others as one bar. */
export interface Bars {
  readonly ids: readonly number[];
  /** The exact probability of each bar. The last one is that of all other classes, if there are any. */
  readonly shares: Float64Array;
  readonly barOf: (id: number) => number;
}

export function exactBars(index: MultiIndex, query: Float32Array): Bars {
  const { ids, probabilities } = index.predict(query, SHOWN_CLASSES, { exact: true });
  const barById = new Map(Array.from(ids, (id, bar) => [id, bar]));
  const rest = Math.max(
    0,
    probabilities.reduce((left, p) => left - p, 1),
  );
  const hasRest = index.info.itemCount > ids.length;
  return {
    ids: Array.from(ids),
    shares: Float64Array.from(hasRest ? [...probabilities, rest] : probabilities),
    barOf: (id) => barById.get(id) ?? ids.length,
  };
}
