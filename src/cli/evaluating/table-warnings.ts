import type { TensorName } from "../../format/tensor-spec.ts";
import type { MultiIndex } from "../../index.ts";
import { openedOf } from "../../parts/opened-of.ts";

// Each warning is about a table that was measured to index badly, with recall@10 of the default calls. Thresholds are the
// points at which recall began to fall on two or three published heads of 10,000 and 50,000 classes, to which the fault was
// done. What did no harm there gives no warning: copies of many different rows, columns without values, a direction in which
// rows differ most.

/** Copies of one row in this many classes fill a head by default: recall fell to .92 … .99, and to .85 with half of all. */
const MOST_COPIES = 1000;
/** Zero rows in this share of the classes: recall fell by up to .08, and to .78 with half of all. */
const MOST_ZEROS = 0.1;
/**
 * From this ratio of the norms of the 99th and the first percentile on, recall may fall: it fell by up to .06 with log-normal
 * norms, but not if queries ask only for the longest rows. So it is measured, with rows as queries.
 */
const MOST_SPREAD = 250;
const LEAST_RECALL = 0.97;
const ASKED_ROWS = 32;
const TEN = 10;
/** The share of Σ‖row‖² along one direction from which on int8 rows lose recall: .01 to .06 with this share, .2 with .999. */
const MOST_CARRIED = 0.99;

/** The most rows that norms and directions are measured on, evenly spaced. */
const MOST_ROWS = 20_000;
/** The largest eigenvalue stands out by far if it matters. */
const POWER_STEPS = 4;

/** Describes the properties that make the rows of an index hard to index or to store, with their measured cost in recall. */
export function tableWarnings(index: MultiIndex): string[] {
  const { itemCount, dim, rowType } = index.info;
  if (itemCount === 0) return [];
  const warnings: string[] = [];
  const { copies, isZero } = mostCopies(index);
  if (isZero && copies >= MOST_ZEROS * itemCount) {
    warnings.push(
      `${copies} of ${itemCount} rows are zero: recall@10 by default fell by up to 0.08 with a tenth of them, to 0.78 with half; leave them out`,
    );
  }
  if (!isZero && copies > 0) {
    warnings.push(
      `${copies} of ${itemCount} rows are the same, and fill the head of a call: recall@10 by default fell by up to 0.08 with 1,000 of them, to 0.85 with half of all; make them one class`,
    );
  }
  const rows = sampleOf(index);
  const spread = normSpread(rows, dim);
  const recall = spread >= MOST_SPREAD ? recallOfRows(index) : 1;
  if (recall < LEAST_RECALL) {
    warnings.push(
      `norms differ ${spread.toFixed(0)}-fold from the first to the 99th percentile: recall@10 by default is ${recall.toFixed(2)} with ${ASKED_ROWS} of the rows as queries; large rows take the codewords, so scale rows alike, or ask with exact`,
    );
  }
  // Rows of one value have one direction and lose nothing as int8, and of ten classes all are among the ten best.
  const carried = dim > 1 && itemCount > TEN ? carriedShare(rows, dim) : 0;
  if (rowType === "i8" && carried >= MOST_CARRIED) {
    warnings.push(
      `one direction has ${(100 * carried).toFixed(2)} % of the squared norms: int8 rows lost 0.01 to 0.06 of recall@10 at 99 %, up to 0.2 at 99.9 %; subtract the mean row, which changes no probability with dot products, leave out a constant column, or take --row-type f16`,
    );
  }
  return warnings;
}

/**
 * Counts the classes with the most frequent row. Equal rows lie in one bucket, except for those that are outliers, so only
 * buckets that are large together with the outliers can have as many.
 */
function mostCopies(index: MultiIndex): { readonly copies: number; readonly isZero: boolean } {
  const { bucketCount, itemCount } = index.info;
  const integers = integersOf(index);
  const [offsets, ids] = [integers("bucketOffsets"), integers("ids")];
  const outliers = ids.subarray(offsets[bucketCount], itemCount);
  let most = { copies: 0, isZero: false };
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const own = ids.subarray(offsets[bucket], offsets[bucket + 1]);
    if (own.length + outliers.length < MOST_COPIES) continue;
    const counts = new Map<string, number>();
    for (const id of [...own, ...outliers]) {
      const row = index.rows([id]);
      const key = Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString("latin1");
      const copies = (counts.get(key) ?? 0) + 1;
      counts.set(key, copies);
      if (copies >= MOST_COPIES && copies > most.copies) most = { copies, isZero: row.every((value) => value === 0) };
    }
  }
  return most;
}

/** Returns a function that finds a tensor of integers in the memory of an index. */
function integersOf(index: MultiIndex): (name: TensorName) => Int32Array {
  const { kernels, header, plan } = openedOf(index);
  return (name) => {
    const { begin, end } = header.tensors[name] as { begin: number; end: number };
    return new Int32Array(kernels.memory.buffer.slice(plan.file + begin, plan.file + end));
  };
}

/** Returns evenly spaced rows, f32 (n, dim). */
function sampleOf(index: MultiIndex): Float32Array {
  const { itemCount } = index.info;
  const count = Math.min(itemCount, MOST_ROWS);
  return index.rows(Int32Array.from({ length: count }, (_, i) => Math.floor((i * itemCount) / count)));
}

/** Returns the ratio of the 99th to the first percentile of the norms of rows that are not zero. */
function normSpread(rows: Float32Array, dim: number): number {
  const norms = squareNorms(rows, dim).filter((square) => square > 0);
  norms.sort();
  const at = (share: number): number => Math.sqrt(norms[Math.floor(share * (norms.length - 1))] ?? 1);
  return at(0.99) / at(0.01);
}

/** Asks for the ten best classes by default with some rows as queries, and returns the share of the true ones in them. */
function recallOfRows(index: MultiIndex): number {
  const { itemCount } = index.info;
  let [found, wanted] = [0, 0];
  for (let i = 0; i < ASKED_ROWS; i++) {
    const query = index.rows([Math.floor((i * itemCount) / ASKED_ROWS)]);
    const best = index.topK(query, TEN, { exact: true }).ids;
    const answered = new Set(index.topK(query, TEN).ids);
    wanted += best.length;
    found += best.filter((id) => answered.has(id)).length;
  }
  return found / wanted;
}

function squareNorms(rows: Float32Array, dim: number): Float64Array {
  const squares = new Float64Array(rows.length / dim);
  for (const [i, value] of rows.entries()) {
    const row = Math.floor(i / dim);
    squares[row] = (squares[row] as number) + value * value;
  }
  return squares;
}

/** Returns the share of Σ‖row‖² along the direction that has most of it, by power iteration from the longest row. */
function carriedShare(rows: Float32Array, dim: number): number {
  const squares = squareNorms(rows, dim);
  const longest = squares.indexOf(squares.reduce((most, square) => Math.max(most, square), 0));
  const total = squares.reduce((sum, square) => sum + square, 0);
  let direction = Float64Array.from(rows.subarray(longest * dim, (longest + 1) * dim));
  let carried = 0;
  for (let step = 0; step < POWER_STEPS && total > 0; step++) {
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    const unit = direction.map((value) => value / length);
    const next = new Float64Array(dim);
    carried = 0;
    for (let first = 0; first < rows.length; first += dim) {
      let product = 0;
      for (let d = 0; d < dim; d++) product += (rows[first + d] as number) * (unit[d] as number);
      for (let d = 0; d < dim; d++) next[d] = (next[d] as number) + product * (rows[first + d] as number);
      carried += product * product;
    }
    direction = next;
  }
  return total > 0 ? carried / total : 0;
}

/** Writes warnings for people. */
export const warningLines = (warnings: readonly string[] = []): string[] =>
  warnings.map((warning) => `warning: ${warning}`);
