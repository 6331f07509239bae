import type { RowTable } from "../rows/row-table.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { Task, TrainTools } from "../runtime/worker-pool.ts";
import { BLOCK_ROWS, planSearch } from "./block-search.ts";
import type { RowPool } from "./query-pools.ts";

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
  pool: RowPool,
  { table, bias }: RankedRows,
  queries: Float32Array,
  count: number,
  yieldIfDue: YieldIfDue,
): Promise<readonly RankedList[]> {
  const best = Array.from({ length: queries.length / table.dim }, () => new BestRows(count));
  const plan = { queries, dim: table.dim, count };
  const floors = (): Float32Array => Float32Array.from(best, ({ floor }) => floor);
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
  /** f32 (rows). */
  readonly bias: Float32Array | undefined;
  /** For each query, the score that a row has to exceed because `count` earlier rows reach it. */
  readonly floors: Float32Array;
}

/** The best rows of a chunk, in the order of the queries. */
interface FoundRows {
  readonly counts: Int32Array;
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

async function* rankedChunks(
  table: RowTable,
  bias: ArrayLike<number> | undefined,
  floors: () => Float32Array,
): AsyncGenerator<RankedChunk> {
  let first = 0;
  for await (const chunk of table.chunks()) {
    const count = chunk.length / table.dim;
    const biases = bias && Float32Array.from({ length: count }, (_, row) => bias[first + row] as number);
    yield { chunk, first, bias: biases, floors: floors() };
    first += count;
  }
}

export const findNeighbours: Task<TrainTools, NeighboursPlan, RankedChunk, FoundRows> = ({ train }, plan) => {
  const { queries, dim, count } = plan;
  const search = planSearch(train, queries, dim);
  return ({ chunk, first, bias, floors }) => {
    const best = Array.from(floors, (floor) => new BestRows(count, floor));
    for (let start = 0; start * dim < chunk.length; start += BLOCK_ROWS) {
      const rows = chunk.subarray(start * dim, (start + BLOCK_ROWS) * dim);
      const reached = Float32Array.from(best, ({ floor }) => floor);
      search({ rows, bias: bias?.subarray(start, start + BLOCK_ROWS), floors: reached }, (query, row, score) =>
        (best[query] as BestRows).offer(first + start + row, score),
      );
    }
    return {
      counts: Int32Array.from(best, ({ ids }) => ids.length),
      ids: Int32Array.from(best.flatMap(({ ids }) => ids)),
      scores: Float32Array.from(best.flatMap(({ scores }) => scores)),
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
