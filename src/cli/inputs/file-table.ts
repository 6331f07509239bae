import type { RowTable } from "../../train/rows/row-table.ts";
import type { EmbeddingInput } from "./input.ts";

/** A table whose rows are read from the file each time. */
export function fileTable(input: EmbeddingInput, chunkRows: number): RowTable {
  const { itemCount, dim } = input;
  return { itemCount, dim, chunkRows, chunks: () => input.rows(chunkRows) };
}
