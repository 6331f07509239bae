import { TABLES_BYTES, TABLES_FIRST, TABLES_SECOND, TABLES_WIDTH } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";

/** Writes the struct of two tables, one per codebook, each (K, width): a row per codeword and a column per query. */
export const placeTables = (arena: Arena, first: number, second: number, width: number): number =>
  arena.struct(TABLES_BYTES, { [TABLES_FIRST]: first, [TABLES_SECOND]: second, [TABLES_WIDTH]: width });
