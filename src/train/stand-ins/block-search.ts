import {
  ABOVE_BIASES,
  ABOVE_BYTES,
  ABOVE_COUNT,
  ABOVE_FLOORS,
  ABOVE_FOUND,
  FOUND_BYTES,
  FOUND_QUERY,
  FOUND_ROW,
  FOUND_SCORE,
} from "../../../build/structs.ts";
import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../abi.ts";
import { startArena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** Rows and queries that the kernel takes at a time, which bounds the pairs that it finds in a call. */
export const BLOCK_ROWS = 256;
const BLOCK_QUERIES = 256;

/** Returns the memory of a search: queries as given, copied and packed, and what the kernel takes at a time. */
export const searchBytes = (queryCount: number, dim: number): number =>
  (3 * queryCount + BLOCK_ROWS) * dim * 4 + BLOCK_ROWS * BLOCK_QUERIES * FOUND_BYTES;

/** At most BLOCK_ROWS rows. */
interface SearchedBlock {
  /** f32 (rows, dim). */
  readonly rows: Float32Array;
  /** f32 (rows). */
  readonly bias: Float32Array | undefined;
  /** f32 (queries): the score of each query that a row has to exceed. */
  readonly floors: Float32Array;
}

/** Calls `found` for the rows of a block that score above the floor of a query. For each query, rows ascend. */
type BlockSearch = (block: SearchedBlock, found: (query: number, row: number, score: number) => void) => void;

/**
 * Plans the search of blocks of rows for each query, f32 (n, dim), by inner product plus bias. On 1,000,000 × 64 rows with 256
 * queries it takes a third of the time of a product with one query after the other and a comparison in JavaScript.
 */
export function planSearch(train: TrainKernels, queries: Float32Array, dim: number): BlockSearch {
  const arena = startArena(train);
  const queryCount = queries.length / dim;
  const padded = Math.ceil(queryCount / PANEL_WIDTH) * PANEL_WIDTH;
  const panelBytes = (dim + 1) * PANEL_LINE_BYTES;
  const panelsPtr = arena.take((padded / PANEL_WIDTH) * panelBytes);
  const floorsPtr = arena.take(padded * 4);
  const rowsPtr = arena.take(BLOCK_ROWS * dim * 4);
  const biasesPtr = arena.take(BLOCK_ROWS * 4);
  const foundPtr = arena.take(BLOCK_ROWS * BLOCK_QUERIES * FOUND_BYTES);
  const abovePtr = arena.struct(ABOVE_BYTES, { [ABOVE_BIASES]: biasesPtr, [ABOVE_FOUND]: foundPtr });
  const queriesPtr = arena.nest().take(queries.byteLength);
  arena.f32(queriesPtr, queries.length).set(queries);
  train.packPanels(queriesPtr, queryCount, dim, panelsPtr);
  arena.f32(floorsPtr, padded).fill(Infinity);
  return ({ rows, bias, floors }, found) => {
    const rowCount = rows.length / dim;
    const view = new DataView(train.memory.buffer);
    arena.f32(rowsPtr, rows.length).set(rows);
    if (bias) arena.f32(biasesPtr, rowCount).set(bias);
    else arena.f32(biasesPtr, rowCount).fill(0);
    arena.f32(floorsPtr, queryCount).set(floors);
    for (let from = 0; from < queryCount; from += BLOCK_QUERIES) {
      const panels = panelsPtr + (from / PANEL_WIDTH) * panelBytes;
      arena.set(abovePtr, { [ABOVE_FLOORS]: floorsPtr + from * 4 });
      train.scoresAbove(rowsPtr, panels, rowCount, Math.min(BLOCK_QUERIES, queryCount - from), dim, abovePtr);
      const end = foundPtr + view.getInt32(abovePtr + ABOVE_COUNT, true) * FOUND_BYTES;
      for (let at = foundPtr; at < end; at += FOUND_BYTES) {
        const query = from + view.getInt32(at + FOUND_QUERY, true);
        found(query, view.getInt32(at + FOUND_ROW, true), view.getFloat32(at + FOUND_SCORE, true));
      }
    }
  };
}
