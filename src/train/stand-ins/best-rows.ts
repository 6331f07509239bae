import { grow } from "../../memory/grow.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";

/** Rows in WASM memory at a time. */
export const NEIGHBOUR_ROWS = 1024;

/** Tools of the tasks that search an index or its rows. */
export interface QueryTools {
  readonly modules: Modules;
}

/** The rows that are searched. */
export interface RankedRows {
  readonly table: RowTable;
  readonly bias: ArrayLike<number> | undefined;
}

/** Rows with the highest scores, best first. */
export interface RankedList {
  readonly ids: readonly number[];
  readonly scores: readonly number[];
}

/** Finds the `count` rows with the highest inner product plus bias for each query, f32 (n, D), best first, ties by lower id. */
export async function bestRows(
  pool: WorkerPool<QueryTools>,
  { table, bias }: RankedRows,
  queries: Float32Array,
  count: number,
  yieldIfDue: YieldIfDue,
): Promise<readonly RankedList[]> {
  const best = Array.from({ length: queries.length / table.dim }, () => new BestRows(count));
  const plan = { queries, dim: table.dim, count };
  const floors = (): Float64Array => Float64Array.from(best, ({ floor }) => floor);
  for await (const found of pool.map(findNeighbours, plan, rankedChunks(table, bias, floors))) {
    let at = 0;
    for (const [i, into] of best.entries()) {
      for (const end = at + (found.counts[i] as number); at < end; at++) {
        into.offer(found.ids[at] as number, found.scores[at] as number);
      }
    }
    await yieldIfDue();
  }
  return best;
}

interface NeighboursPlan {
  readonly queries: Float32Array;
  readonly dim: number;
  readonly count: number;
}

interface RankedChunk {
  /** f32 (rows, dim). Its first row is row `first` of the table. */
  readonly chunk: Float32Array;
  readonly first: number;
  readonly bias: Float64Array | undefined;
  /** For each query, the score that a row has to exceed because `count` earlier rows reach it. */
  readonly floors: Float64Array;
}

/** The best rows of a chunk, in the order of the queries. */
interface FoundRows {
  readonly counts: Int32Array;
  readonly ids: Int32Array;
  readonly scores: Float64Array;
}

async function* rankedChunks(
  table: RowTable,
  bias: ArrayLike<number> | undefined,
  floors: () => Float64Array,
): AsyncGenerator<RankedChunk> {
  let first = 0;
  for await (const chunk of table.chunks()) {
    const count = chunk.length / table.dim;
    const biases = bias && Float64Array.from({ length: count }, (_, row) => bias[first + row] as number);
    yield { chunk, first, bias: biases, floors: floors() };
    first += count;
  }
}

export const findNeighbours: Task<QueryTools, NeighboursPlan, RankedChunk, FoundRows> = ({ modules }, plan) => {
  const { queries, dim, count } = plan;
  const kernels = instantiateQuery(modules.query);
  const width = Math.ceil(dim / 4) * 4;
  const queryPtr = Math.ceil(kernels.heapBase() / 16) * 16;
  const rowsPtr = queryPtr + width * 4;
  const scoresPtr = rowsPtr + NEIGHBOUR_ROWS * width * 4;
  grow(kernels, scoresPtr + NEIGHBOUR_ROWS * 4);
  const { buffer } = kernels.memory;
  const query = new Float32Array(buffer, queryPtr, width);
  const block = new Float32Array(buffer, rowsPtr, NEIGHBOUR_ROWS * width);
  const scores = new Float32Array(buffer, scoresPtr, NEIGHBOUR_ROWS);
  return ({ chunk, first, bias, floors }) => {
    const best = Array.from(floors, (floor) => new BestRows(count, floor));
    for (let start = 0; start * dim < chunk.length; start += NEIGHBOUR_ROWS) {
      const blockData = chunk.subarray(start * dim, (start + NEIGHBOUR_ROWS) * dim);
      const blockRows = blockData.length / dim;
      for (let row = 0; row < blockRows; row++) block.set(blockData.subarray(row * dim, (row + 1) * dim), row * width);
      for (const [i, into] of best.entries()) {
        query.set(queries.subarray(i * dim, (i + 1) * dim));
        kernels.dotRows(queryPtr, rowsPtr, blockRows, width * 4, scoresPtr);
        into.offerRows(first + start, scores.subarray(0, blockRows), bias?.subarray(start));
      }
    }
    return {
      counts: Int32Array.from(best, ({ ids }) => ids.length),
      ids: Int32Array.from(best.flatMap(({ ids }) => ids)),
      scores: Float64Array.from(best.flatMap(({ scores }) => scores)),
    };
  };
};

/**
 * The best rows so far that score above a floor, best first. Rows are offered in ascending order, so ties go to lower ids.
 */
class BestRows {
  readonly ids: number[] = [];
  readonly scores: number[] = [];
  private readonly count: number;
  private readonly least: number;

  constructor(count: number, least = Number.NEGATIVE_INFINITY) {
    this.count = count;
    this.least = least;
  }

  /** The score that a row has to exceed to enter. */
  get floor(): number {
    return this.ids.length === this.count ? (this.scores[this.count - 1] as number) : this.least;
  }

  /** Offers rows from row `first` on. A comparison comes before each offer, whose calls would take as long as the products. */
  offerRows(first: number, scores: Float32Array, bias: Float64Array | undefined): void {
    let { floor } = this;
    for (let row = 0; row < scores.length; row++) {
      const score = bias === undefined ? (scores[row] as number) : (scores[row] as number) + (bias[row] as number);
      if (!(score > floor)) continue;
      this.offer(first + row, score);
      floor = this.floor;
    }
  }

  offer(id: number, score: number): void {
    if (!(score > this.floor)) return;
    const { ids, scores, count } = this;
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
