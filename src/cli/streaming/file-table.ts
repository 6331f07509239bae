import type { RowTable } from "../../train/rows/row-table.ts";
import type { EmbeddingInput } from "../inputs/input.ts";

/** The rows of a file, read anew whenever they are asked for. */
export function fileTable(input: EmbeddingInput, chunkRows: number): RowTable {
  const { itemCount, dim } = input;
  return { itemCount, dim, chunkRows, chunks: () => input.rows(chunkRows) };
}
