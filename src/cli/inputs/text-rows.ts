import { FormatError } from "../../bytes/format-error.ts";
import type { Chunk, Place } from "./table.ts";

/** The most garbage that reading a text leaves, as measured: the collector runs late while there is memory. */
const MOST_GARBAGE_BYTES = 144 * 2 ** 20;

export const textReadingBytes = (fileBytes: number): number => Math.min(fileBytes, MOST_GARBAGE_BYTES);

/** Lines or rows of a text, in pieces of its file as linesOf yields them. */
export type Pieces<T> = AsyncIterable<Iterable<T>>;

/** A row of a text. */
export interface TextRow {
  /** Undefined if the text has none for this row. The row then counts as NaN. */
  readonly values: readonly number[] | undefined;
  readonly label?: string | undefined;
  /** The values of the fields that are wanted, in their order. */
  readonly fields?: readonly unknown[] | undefined;
  /** The line at which it begins, from 1. `offset` is its first byte. */
  readonly line: number;
  readonly offset: number;
}

/** Facts that one pass over all rows finds. */
export interface TextSurvey {
  readonly itemCount: number;
  readonly dim: number;
  readonly labels: readonly string[] | undefined;
  /** The values of each of the fields that the rows have. */
  readonly fields: readonly (readonly unknown[])[];
}

/**
 * Counts rows, which must have the same length, and labels either everywhere or nowhere.
 *
 * @throws FormatError text-empty, text-row
 */
export async function surveyRows(pieces: Pieces<TextRow>): Promise<TextSurvey> {
  let itemCount = 0;
  let first: TextRow | undefined;
  let dim: number | undefined;
  const labels: string[] = [];
  const fields: unknown[][] = [];
  for await (const rows of pieces) {
    for (const row of rows) {
      first ??= row;
      dim ??= row.values?.length;
      checkLength(row, dim);
      if ((row.label === undefined) !== (first.label === undefined)) {
        const message = `only one of line ${row.line} and line ${first.line} has an id`;
        throw new FormatError("text-row", row.offset, message);
      }
      if (row.label !== undefined) labels.push(row.label);
      for (const [i, value] of row.fields?.entries() ?? []) {
        fields[i] ??= [];
        fields[i].push(value);
      }
      itemCount++;
    }
  }
  if (dim === undefined) throw new FormatError("text-empty", 0, "there is no row of numbers");
  return { itemCount, dim, labels: first?.label === undefined ? undefined : labels, fields };
}

/** Yields the `rowCount` rows of `pieces` in chunks of `chunkRows`, whose values are in `columns`. */
export async function* chunksOf(
  pieces: Pieces<TextRow>,
  dim: number,
  chunkRows: number,
  rowCount: number,
  columns?: readonly string[],
): AsyncGenerator<Chunk> {
  const most = Math.max(0, Math.min(chunkRows, rowCount));
  const given = new Float64Array(most * dim);
  const values = new Float32Array(most * dim);
  const places: Place[] = [];
  const chunk = (): Chunk => {
    const length = places.length * dim;
    values.set(given.subarray(0, length));
    return {
      values: values.subarray(0, length),
      given: given.subarray(0, length),
      columns,
      place: (row) => places[row] as Place,
    };
  };
  for await (const rows of pieces) {
    for (const row of rows) {
      checkLength(row, dim);
      if (row.values) given.set(row.values, places.length * dim);
      else given.fill(Number.NaN, places.length * dim, (places.length + 1) * dim);
      places.push({ name: `line ${row.line}`, offset: row.offset });
      if (places.length < most) continue;
      yield chunk();
      places.length = 0;
    }
  }
  if (places.length > 0) yield chunk();
}

/** Skips the first `count` rows. */
export async function* skipRows<T>(pieces: Pieces<T>, count: number): AsyncGenerator<Iterable<T>> {
  let left = count;
  function* behind(rows: Iterable<T>): Generator<T> {
    for (const row of rows) {
      if (left > 0) left--;
      else yield row;
    }
  }
  for await (const rows of pieces) yield behind(rows);
}

function checkLength({ values, line, offset }: TextRow, dim: number | undefined): void {
  if (values === undefined || values.length === dim) return;
  throw new FormatError("text-row", offset, `line ${line} has ${values.length} values, expected ${dim}`);
}

/** Converts an id to a label. A number must be an integer. */
export function labelOf(id: unknown): string | undefined {
  if (typeof id === "bigint" || Number.isSafeInteger(id)) return String(id);
  return typeof id === "string" && !/\p{Surrogate}/u.test(id) ? id : undefined;
}
