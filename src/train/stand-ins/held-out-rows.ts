import type { RowTable } from "../rows/row-table.ts";

/** Rows in place of queries. Each asks about the classes but its own, as if it had been held out of the table. */
export interface HeldOutRows {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  /** The class of each row, ascending. */
  readonly ids: Int32Array;
}

/**
 * Takes `count` evenly spaced rows of a table. Where queries are of the same kind as rows, as words are among words, they show
 * what stand-ins of several rows do not: that the nearest rows of a query lie in its direction further than the codewords
 * say. Where rows are no queries, as in the output layer of a language model, their softmaxes are flat and show nothing.
 * The table is read once.
 */
export async function heldOutRows(table: RowTable, count: number): Promise<HeldOutRows> {
  const { itemCount, dim } = table;
  const ids = Int32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * itemCount) / count));
  const queries = new Float32Array(count * dim);
  let [first, next] = [0, 0];
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / dim;
    for (; next < count && (ids[next] as number) < end; next++) {
      const at = ((ids[next] as number) - first) * dim;
      queries.set(chunk.subarray(at, at + dim), next * dim);
    }
    first = end;
  }
  return { queries, ids };
}
