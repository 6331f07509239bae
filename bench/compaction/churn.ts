import type { ChangeSet } from "../../src/changes/index.ts";
import { tokensHead } from "../heads.ts";

/** A table with biases. */
export interface BiasedRows {
  /** The id of each row, which is its label. */
  readonly ids: readonly number[];
  /** f32 (ids.length, dim). */
  readonly rows: Float32Array;
  readonly biases: Float32Array;
}

/** A table of tokens, changes of it, and the table that they make of it. */
export interface Churn {
  readonly dim: number;
  readonly before: BiasedRows;
  readonly upserts: BiasedRows;
  readonly removed: readonly number[];
  readonly after: BiasedRows;
  /** f32 (n, dim). */
  readonly queries: Float32Array;
}

const SHARE = 0.05;
const QUERIES = 200;

/** Gives 5 % of the tokens another row, half-way to the next one, removes 5 %, and adds as many new ones. */
export function churnedTokens(itemCount: number): Churn {
  const count = Math.floor(SHARE * itemCount);
  const { data, dim, bias, queries } = tokensHead("tokens", itemCount + count);
  const rowOf = (id: number): Float32Array => data.subarray(id * dim, (id + 1) * dim);
  const picked = Array.from({ length: 2 * count }, (_, i) => (i * 7919) % itemCount);
  const [replaced, removed] = [picked.slice(0, count), picked.slice(count)];
  const added = Array.from({ length: count }, (_, i) => itemCount + i);
  const fresh = new Map(
    replaced.map((id) => [id, rowOf(id).map((value, d) => (value + (rowOf(id + 1)[d] as number)) / 2)]),
  );
  const tableOf = (ids: readonly number[], isFresh: boolean): BiasedRows => {
    const rows = new Float32Array(ids.length * dim);
    for (const [i, id] of ids.entries()) rows.set((isFresh && fresh.get(id)) || rowOf(id), i * dim);
    return { ids, rows, biases: Float32Array.from(ids, (id) => bias[id] as number) };
  };
  const all = Array.from({ length: itemCount }, (_, id) => id);
  const gone = new Set(removed);
  return {
    dim,
    removed,
    queries: queries.subarray(0, QUERIES * dim),
    before: tableOf(all, false),
    upserts: tableOf([...replaced, ...added], true),
    after: tableOf([...all.filter((id) => !gone.has(id)), ...added], true),
  };
}

/** Returns the changes in the form that the library takes. */
export const changeSetOf = ({ upserts: { ids, rows, biases }, removed }: Churn): ChangeSet => ({
  upserts: { labels: ids.map(String), rows, biases: Array.from(biases) },
  removals: removed.map(String),
});

/** Returns the ids of the k rows with the highest scores for each query, by sums in f64. */
export function bestOf(
  { ids, rows, biases }: BiasedRows,
  queries: Float32Array,
  dim: number,
  k: number,
): Set<number>[] {
  return Array.from({ length: queries.length / dim }, (_, q) => {
    const scores = Float64Array.from(ids, (_id, row) => {
      let sum = biases[row] as number;
      for (let d = 0; d < dim; d++) sum += (queries[q * dim + d] as number) * (rows[row * dim + d] as number);
      return sum;
    });
    const best = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number));
    return new Set(best.slice(0, k).map((row) => ids[row] as number));
  });
}
