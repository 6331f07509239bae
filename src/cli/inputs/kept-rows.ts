import type { InputTable } from "./table.ts";

/** The number of values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 2 ** 20;

/** Returns a flag for each row of a table: 1 if all its values are finite and at most `limit` in magnitude, otherwise 0. */
export async function findValidRows(table: InputTable, limit: number): Promise<Uint8Array> {
  const { itemCount, dim } = table;
  const kept = new Uint8Array(itemCount).fill(1);
  let row = 0;
  for await (const { values } of table.chunks(Math.max(1, Math.floor(CHUNK_VALUES / dim)), 0)) {
    for (const [at, value] of values.entries()) {
      if (!(Math.abs(value) <= limit)) kept[row + Math.floor(at / dim)] = 0;
    }
    row += values.length / dim;
  }
  return kept;
}

export const countKept = (kept: Uint8Array): number => kept.reduce((count, flag) => count + flag, 0);

/** Yields the rows that `kept` flags, in chunks like those of a table, starting with kept row number `firstRow`. */
export async function* keptRows(
  table: InputTable,
  kept: Uint8Array,
  chunkRows: number,
  firstRow: number,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const { dim } = table;
  const chunk = new Float32Array(Math.max(0, Math.min(chunkRows, countKept(kept) - firstRow)) * dim);
  let row = keptRow(kept, firstRow);
  let filled = 0;
  for await (const { values } of table.chunks(chunkRows, row)) {
    for (let at = 0; at < values.length; at += dim, row++) {
      if (kept[row] === 0) continue;
      chunk.set(values.subarray(at, at + dim), filled);
      filled += dim;
      if (filled < chunk.length) continue;
      yield chunk;
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Returns the row of the file that is kept row number `index`, from 0. */
export function keptRow(kept: Uint8Array, index: number): number {
  let row = 0;
  for (let left = index; row < kept.length; row++) {
    if (kept[row] === 0) continue;
    if (left === 0) break;
    left--;
  }
  return row;
}
