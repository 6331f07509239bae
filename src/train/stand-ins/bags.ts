import { PURPOSE, uniforms } from "../random/uniforms.ts";
import type { RowTable } from "../rows/row-table.ts";
import { type RowWeights, rowsAt } from "./row-weights.ts";

/** Rows whose mean makes one stand-in query. With 4 of them it has more than one direction, as a context has. */
const BAG_ROWS = 4;

/** Draws BAG_ROWS rows by weight for each of `count` queries, with replacement: (count, BAG_ROWS). */
export function drawBags(weights: RowWeights, count: number, seed: bigint): Int32Array {
  const uniform = uniforms({ seed, purpose: PURPOSE.standIns, codebook: 0, restart: 0 });
  const places = Float64Array.from({ length: count * BAG_ROWS }, (_, i) => uniform(i));
  const order = Array.from(places.keys()).sort((a, b) => (places[a] as number) - (places[b] as number));
  const drawn = rowsAt(weights, places.toSorted());
  const bags = new Int32Array(places.length);
  for (const [i, place] of order.entries()) bags[place] = drawn[i] as number;
  return bags;
}

export interface Directions {
  /**
   * f32 (count, dim): the mean row of each bag less the weighted mean of all rows, at unit length. A bag of rows that equal this
   * mean has none, and is zero.
   */
  readonly queries: Float32Array;
  /** The weighted mean of all rows at unit length, zero if it has none. */
  readonly mean: Float32Array;
  /** f32 (count, dim): the first row of each bag. */
  readonly rows: Float32Array;
}

/** Returns the directions of the queries and of the mean that they are without, and a row for each of them. */
export async function directionsOf(table: RowTable, weights: RowWeights, bags: Int32Array): Promise<Directions> {
  const { dim } = table;
  const count = bags.length / BAG_ROWS;
  const mean = new Float64Array(dim);
  const sums = new Float64Array(count * dim);
  const rows = new Float32Array(count * dim);
  const order = Array.from(bags.keys()).sort((a, b) => (bags[a] as number) - (bags[b] as number));
  let first = 0;
  let next = 0;
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / dim;
    addWeighted(mean, chunk, first, weights);
    for (let member = order[next]; member !== undefined && (bags[member] as number) < end; member = order[++next]) {
      const query = Math.floor(member / BAG_ROWS);
      const start = ((bags[member] as number) - first) * dim;
      addRow(sums.subarray(query * dim, (query + 1) * dim), chunk, start, 1);
      if (member % BAG_ROWS === 0) rows.set(chunk.subarray(start, start + dim), query * dim);
    }
    first = end;
  }
  const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0)) || 1;
  return { queries: unitDirections(sums, mean), mean: Float32Array.from(mean, (value) => value / length), rows };
}

/** A difference of this share of its parts is rounding. */
const ROUNDING = 2 ** -30;

/** Adds the rows of a chunk, which begins with row `first` of the table, each by its share of the weights. */
function addWeighted(mean: Float64Array, chunk: Float32Array, first: number, weights: RowWeights): void {
  const dim = mean.length;
  for (let start = 0, row = first; start < chunk.length; start += dim, row++) {
    addRow(mean, chunk, start, weights.of(row) / weights.total);
  }
}

function addRow(sum: Float64Array, rows: Float32Array, start: number, weight: number): void {
  for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] as number) + weight * (rows[start + d] as number);
}

function unitDirections(sums: Float64Array, mean: Float64Array): Float32Array {
  const dim = mean.length;
  const directions = new Float32Array(sums.length);
  for (let start = 0; start < sums.length; start += dim) {
    let [square, whole] = [0, 0];
    for (let d = 0; d < dim; d++) {
      const bag = (sums[start + d] as number) / BAG_ROWS;
      const value = bag - (mean[d] as number);
      sums[start + d] = value;
      square += value * value;
      whole += bag * bag + (mean[d] as number) ** 2;
    }
    const scale = square > ROUNDING ** 2 * whole ? 1 / Math.sqrt(square) : 0;
    for (let d = 0; d < dim; d++) directions[start + d] = scale * (sums[start + d] as number);
  }
  return directions;
}
