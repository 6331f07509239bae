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
  readonly ids: Int32Array;
  readonly scores: Float32Array;
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
    return foundBy(best);
  };
};

function foundBy(best: readonly RankedList[]): FoundRows {
  const counts = Int32Array.from(best, ({ ids }) => ids.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const found = { counts, ids: new Int32Array(total), scores: new Float32Array(total) };
  let at = 0;
  for (const { ids, scores } of best) {
    found.ids.set(ids, at);
    found.scores.set(scores, at);
    at += ids.length;
  }
  return found;
}

/**
 * The best rows so far that score above a floor, best first. Rows are offered in ascending order, so ties go to lower ids.
 */
class BestRows implements RankedList {
  private readonly allIds: Int32Array;
  private readonly allScores: Float32Array;
  private readonly least: number;
  private filled = 0;

  constructor(count: number, least = Number.NEGATIVE_INFINITY) {
    this.allIds = new Int32Array(count);
    this.allScores = new Float32Array(count);
    this.least = least;
  }

  get ids(): Int32Array {
    return this.allIds.subarray(0, this.filled);
  }

  get scores(): Float32Array {
    return this.allScores.subarray(0, this.filled);
  }

  /** The score that a row has to exceed to enter. */
  get floor(): number {
    return this.filled === this.allScores.length ? (this.allScores[this.filled - 1] as number) : this.least;
  }

  offer(id: number, score: number): void {
    if (!(score > this.floor)) return;
    const { allIds, allScores } = this;
    let low = 0;
    let high = this.filled;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((allScores[middle] as number) >= score) low = middle + 1;
      else high = middle;
    }
    if (this.filled < allScores.length) this.filled++;
    allIds.copyWithin(low + 1, low, this.filled - 1);
    allScores.copyWithin(low + 1, low, this.filled - 1);
    allIds[low] = id;
    allScores[low] = score;
  }
}
