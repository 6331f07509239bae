import { readEncoder } from "../../format/encoder.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { readBase } from "./base-index.ts";
import { resolveChanges } from "./resolved-changes.ts";
import { StoredTable } from "./stored-table.ts";

/** The rows of an index file. */
export interface StoredRowsOfFile {
  readonly table: StoredTable;
  /** The bias of each class. Undefined if the index has none. */
  readonly bias: Float32Array | undefined;
  /** The seed of the build. */
  readonly seed: bigint;
  readonly hasFineCodes: boolean;
  readonly hasEncoder: boolean;
}

/** Reads the rows of an index file as they are stored. FormatError for a file that is damaged. */
export async function storedRowsOf(file: Uint8Array, kernels: TrainKernels): Promise<StoredRowsOfFile> {
  const base = await readBase(file, kernels);
  const { itemCount, hasBias, seed, hasFineCodes } = base.facts;
  const table = new StoredTable(base, await resolveChanges(base, []));
  const bias = hasBias
    ? Float32Array.from({ length: itemCount }, (_, id) => table.float("biases", id) as number)
    : undefined;
  return { table, bias, seed, hasFineCodes, hasEncoder: readEncoder(base.facts) !== undefined };
}

/** Several files that are opened one after the other, as often as their rows are read. */
export interface FilesOfRows {
  readonly dim: number;
  /** The number of rows of each file. */
  readonly counts: readonly number[];
  readonly open: (place: number) => Promise<StoredTable>;
}

/** Makes one table of the rows of several files, in their order. */
export function joinedTable({ dim, counts, open }: FilesOfRows, chunkRows: number): RowTable {
  return {
    itemCount: counts.reduce((sum, count) => sum + count, 0),
    dim,
    chunkRows,
    async *chunks() {
      const chunk = new Float32Array(chunkRows * dim);
      let filled = 0;
      for (const [place, count] of counts.entries()) {
        if (count === 0) continue;
        for (const rows of (await open(place)).chunks()) {
          for (let at = 0; at < rows.length; ) {
            const part = rows.subarray(at, at + chunk.length - filled);
            chunk.set(part, filled);
            at += part.length;
            filled += part.length;
            if (filled < chunk.length) continue;
            yield chunk;
            filled = 0;
          }
        }
      }
      if (filled > 0) yield chunk.subarray(0, filled);
    },
  };
}
