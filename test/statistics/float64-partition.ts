import type { StoredIndex } from "../fixtures/stored-index.ts";

/**
 * log Z in float64: of the rows as the file stores them and the query as it was given, at unit length for cosine. It
 * shares nothing with the library, and rounds nothing on the way. −∞ if no class takes part.
 */
export function logPartitionInFloat64(
  { dim, metric, ids, rows, rowScales, bias }: StoredIndex,
  given: Float32Array,
  temperature: number,
  takesPart: (id: number) => boolean = () => true,
  changed: (logit: number, id: number) => number = (logit) => logit,
): number {
  const norm = metric === "cosine" ? normOf(given) || 1 : 1;
  const query = Float64Array.from(given, (value) => value / norm);
  const logits: number[] = [];
  for (const [p, row] of rows.entries()) {
    if (p >= ids.length || !takesPart(ids[p] as number)) continue;
    let product = 0;
    for (let d = 0; d < dim; d++) product += (query[d] as number) * (row[d] as number);
    const logit = product * (rowScales?.[p] ?? 1) + (bias?.[p] ?? 0);
    logits.push(changed(logit, ids[p] as number) / temperature);
  }
  const top = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return logits.length === 0 ? top : top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
}

/** The same index with its rows in f32, as the library returns them. int8 rows are rounded once more. */
export function withRowsReturned(stored: StoredIndex): StoredIndex {
  const { rows, rowScales } = stored;
  if (!rowScales) return stored;
  const returned = rows.map((row, p) => row.map((code) => Math.fround(code * (rowScales[p] as number))));
  return { ...stored, rows: returned, rowScales: undefined };
}

/** The norms of the largest rows. An index is asked with many queries. */
const LARGEST_ROWS = new WeakMap<StoredIndex, number>();

const largestRow = ({ rows, rowScales }: StoredIndex): number =>
  rows.reduce((top, values, p) => Math.max(top, normOf(values) * (rowScales?.[p] ?? 1)), 0);

/**
 * The widest bracket of an answer from all rows: 2⁻¹⁵ for sums and a little more, and for the scores twice 2⁻²⁴ of the
 * largest product for each operation in f32 that rounds it, over T. int8 rows need few, but their bracket reaches to the
 * log Z of a query whose values are off by half a step of fixed point, up to 516 of them.
 */
export function widestExact(stored: StoredIndex, query: Float32Array, temperature: number): number {
  const { dim, metric, rowScales, bias } = stored;
  const row = LARGEST_ROWS.get(stored) ?? largestRow(stored);
  LARGEST_ROWS.set(stored, row);
  const scale = metric === "cosine" ? 1 / (normOf(query) || 1) : 1;
  const lost = rowScales ? (Math.sqrt(dim) * largestOf(query) * scale) / 65534 : 0;
  const operations = rowScales ? 11 : dim / 4 + 7;
  const rounded = 2 ** -23 * (operations * row * normOf(query) * scale + 4 * largestOf(bias ?? []));
  return 1.2 * 2 ** -15 + (rounded + 1.001 * lost * row) / temperature;
}

const largestOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((top, value) => Math.max(top, Math.abs(value)), 0);

const normOf = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
