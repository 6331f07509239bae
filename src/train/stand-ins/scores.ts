import { grow } from "../../memory/grow.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";

/** Rows in WASM memory at a time. */
const BLOCK_ROWS = 1024;

/** Reads the table once, and returns the inner products of each direction with the rows at ascending ids: f32 (n, ids). */
export async function scoreSample(
  query: WebAssembly.Module,
  table: RowTable,
  ids: Int32Array,
  directions: Float32Array,
  yieldIfDue: YieldIfDue,
): Promise<Float32Array> {
  const { dim } = table;
  const count = directions.length / dim;
  const scores = new Float32Array(count * ids.length);
  const scorer = placeScorer(query, dim);
  let first = 0;
  let next = 0;
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / dim;
    while (next < ids.length && (ids[next] as number) < end) {
      const start = next;
      while (next < ids.length && (ids[next] as number) < end && next - start < BLOCK_ROWS) {
        const row = (ids[next] as number) - first;
        scorer.put(next - start, chunk.subarray(row * dim, (row + 1) * dim));
        next++;
      }
      for (let i = 0; i < count; i++) {
        const direction = directions.subarray(i * dim, (i + 1) * dim);
        scores.set(scorer.score(direction, next - start), i * ids.length + start);
      }
      await yieldIfDue();
    }
    first = end;
  }
  return scores;
}

interface Scorer {
  put(place: number, row: Float32Array): void;
  /** Returns the inner products of a direction with the first `count` rows. They are valid until the next call. */
  score(direction: Float32Array, count: number): Float32Array;
}

function placeScorer(module: WebAssembly.Module, dim: number): Scorer {
  const kernels = instantiateQuery(module);
  const width = Math.ceil(dim / 4) * 4;
  const queryPtr = Math.ceil(kernels.heapBase() / 16) * 16;
  const rowsPtr = queryPtr + width * 4;
  const scoresPtr = rowsPtr + BLOCK_ROWS * width * 4;
  grow(kernels, scoresPtr + BLOCK_ROWS * 4);
  const { buffer } = kernels.memory;
  const query = new Float32Array(buffer, queryPtr, width);
  const rows = new Float32Array(buffer, rowsPtr, BLOCK_ROWS * width);
  return {
    put: (place, row) => rows.set(row, place * width),
    score(direction, count) {
      query.set(direction);
      kernels.dotRows(queryPtr, rowsPtr, count, width * 4, scoresPtr);
      return new Float32Array(buffer, scoresPtr, count);
    },
  };
}
