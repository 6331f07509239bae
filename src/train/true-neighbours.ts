import { instantiateQuery, type Modules } from "../kernels.ts";
import { grow } from "../memory.ts";
import type { Matrix } from "./build-input.ts";
import type { Asked } from "./calibrate.ts";
import { unitRows } from "./unit-rows.ts";

/** Rows in WASM memory at a time. */
const BLOCK_ROWS = 1024;

/** The ids of the `count` best rows for each query, best first, ties to the lower id; a query's own row left out. */
export async function trueNeighbours(
  modules: Modules,
  { data, shape: [itemCount, dim] }: Matrix,
  bias: ArrayLike<number> | undefined,
  metric: "dot" | "cosine",
  { queries, rows }: Asked,
  count: number,
  signal: AbortSignal | undefined,
): Promise<Int32Array[]> {
  const kernels = instantiateQuery(modules.query);
  const width = Math.ceil(dim / 4) * 4;
  const queryPtr = Math.ceil(kernels.heapBase() / 16) * 16;
  const rowsPtr = queryPtr + width * 4;
  const scoresPtr = rowsPtr + BLOCK_ROWS * width * 4;
  grow(kernels, scoresPtr + BLOCK_ROWS * 4);
  const { buffer } = kernels.memory;
  const query = new Float32Array(buffer, queryPtr, width);
  const block = new Float32Array(buffer, rowsPtr, BLOCK_ROWS * width);
  const scores = new Float32Array(buffer, scoresPtr, BLOCK_ROWS);
  const unit = new Float32Array(BLOCK_ROWS * dim);
  const wanted = metric === "cosine" ? unitRows(queries, dim, new Float32Array(queries.length)) : queries;
  const best = Array.from({ length: queries.length / dim }, () => new BestRows(count));
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const blockRows = Math.min(BLOCK_ROWS, itemCount - first);
    const given = data.subarray(first * dim, (first + blockRows) * dim);
    const kept = metric === "cosine" ? unitRows(given, dim, unit) : given;
    for (let row = 0; row < blockRows; row++) block.set(kept.subarray(row * dim, (row + 1) * dim), row * width);
    for (const [i, into] of best.entries()) {
      query.set(wanted.subarray(i * dim, (i + 1) * dim));
      kernels.dotRows(queryPtr, rowsPtr, blockRows, width * 4, scoresPtr);
      for (let row = 0; row < blockRows; row++) {
        const id = first + row;
        if (id !== rows?.[i]) into.offer(id, (scores[row] as number) + (bias?.[id] ?? 0));
      }
    }
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  return best.map(({ ids }) => Int32Array.from(ids));
}

/** The best rows so far, best first; ids are offered ascending, so a tie stays behind. */
class BestRows {
  readonly ids: number[] = [];
  private readonly scores: number[] = [];
  private readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  offer(id: number, score: number): void {
    const { ids, scores, count } = this;
    if (ids.length === count && !(score > (scores[count - 1] as number))) return;
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((scores[middle] as number) >= score) low = middle + 1;
      else high = middle;
    }
    ids.splice(low, 0, id);
    scores.splice(low, 0, score);
    if (ids.length > count) {
      ids.pop();
      scores.pop();
    }
  }
}
