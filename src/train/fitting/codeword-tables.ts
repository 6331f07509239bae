import { TABLES_BYTES, TABLES_FIRST, TABLES_SECOND, TABLES_WIDTH } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";

/** The struct of a table for either codebook, (K, width): a row for each codeword, a column for each query. */
export const placeTables = (arena: Arena, first: number, second: number, width: number): number =>
  arena.struct(TABLES_BYTES, { [TABLES_FIRST]: first, [TABLES_SECOND]: second, [TABLES_WIDTH]: width });
