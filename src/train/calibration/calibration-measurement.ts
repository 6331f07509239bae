import { modelShare } from "../../answers/dispersion-bars.ts";
import { momentsOf, redraw, type Scored } from "../../answers/estimate.ts";
import { DEFAULT_TARGET_ERROR } from "../../answers/options.ts";
import { probabilitiesOf } from "../../answers/probabilities.ts";
import { batchesWith } from "../../batch/batches.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { type CallConditions, UNCONDITIONAL } from "../../memory/call-conditions.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { type OpenedIndex, openIndex } from "../../memory/opened-index.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import { type DefaultTries, defaultTries } from "./default-tries.ts";
import { exactLogPartitions } from "./exact-log-partitions.ts";
import { type Cell, cellsOf, type Grid } from "./grid.ts";
import { type SpreadAnswers, spreadAnswersOf } from "./measured-answers.ts";

/** Queries of a piece: few, so that threads share the work and a build can yield, but enough for a change of temperature. */
const PIECE_QUERIES = 32;
/** Queries, and the calls that are made with each. */
export interface GridQueries {
  /** f32 (n, D). */
  readonly queries: Float32Array;
  /** A class for each query that takes no part in its answers. */
  readonly leftOut?: Int32Array;
  readonly grid: Grid;
  /** Default answers are wanted as well. */
  readonly hasDefaults: boolean;
}

interface CalibrationPlan {
  readonly file: IndexSource;
  readonly dim: number;
  readonly asked: readonly GridQueries[];
}

/** The first query of a piece, and the number after its last one, of those that are asked together. */
interface Piece {
  readonly of: number;
  readonly first: number;
  readonly end: number;
}

/** The figures of each answer that a piece measures. */
const FIGURES = ["errors", "bars", "modelErrors", "logSpreads", "modelShares"] as const;

/** Answers in the order of the queries and, for each query, of the cells. */
interface MeasuredPiece extends Pick<SpreadAnswers, (typeof FIGURES)[number]> {
  readonly of: number;
  readonly defaults: readonly DefaultTries[];
}

/** The results of a calibration's measurement. */
export interface Measured extends SpreadAnswers {
  /** The default answers of predict to the queries, before and after they are tried again, where they are wanted. */
  readonly defaults: readonly DefaultTries[];
}

/**
 * Compares the answers of an index with the exact log Z, for each of the kinds of queries that are asked. The file has to have
 * no factor, spread and limit yet. It is opened once, because it may be a stream.
 */
export async function measureAnswers(
  pool: WorkerPool<QueryTools>,
  plan: CalibrationPlan,
  advance: (done: number) => Promise<void>,
): Promise<Measured[]> {
  const counts = plan.asked.map(({ queries }) => queries.length / plan.dim);
  const measured = plan.asked.map(({ grid }, of) => {
    return { ...spreadAnswersOf(grid, counts[of] as number), defaults: [] as DefaultTries[] };
  });
  const pieces: Piece[] = [];
  for (const [of, count] of counts.entries()) {
    for (let first = 0; first < count; first += PIECE_QUERIES) {
      pieces.push({ of, first, end: Math.min(first + PIECE_QUERIES, count) });
    }
  }
  const filled = counts.map(() => 0);
  let done = 0;
  for await (const piece of pool.map(measureCalibration, plan, pieces)) {
    const [answers, at] = [measured[piece.of] as (typeof measured)[number], filled[piece.of] as number];
    for (const name of FIGURES) answers[name].set(piece[name], at);
    answers.defaults.push(...piece.defaults);
    filled[piece.of] = at + piece.errors.length;
    done += piece.errors.length / cellsOf((plan.asked[piece.of] as GridQueries).grid).length;
    await advance(done);
  }
  return measured;
}

/** A piece is a range of queries. The exact scores of a query serve all temperatures. */
export const measureCalibration: Task<QueryTools, CalibrationPlan, Piece, MeasuredPiece> = async (
  { modules },
  { file, asked },
) => {
  const opened = await openIndex(modules, file, limitsOf({ maxBytes: ADDRESSABLE_BYTES }), batchesWith(modules.batch));
  return ({ of, first, end }) => ({ of, ...measureQueries(opened, asked[of] as GridQueries, first, end) });
};

function measureQueries(
  opened: OpenedIndex,
  { queries, leftOut, grid, hasDefaults }: GridQueries,
  first: number,
  end: number,
): Omit<MeasuredPiece, "of"> {
  const { dim } = opened.header.facts;
  const cells = cellsOf(grid);
  const place = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, dim);
  const prepare = (query: number): void => {
    place.set(queries.subarray(query * dim, (query + 1) * dim));
    opened.kernels.prepareQuery(opened.plan.layout);
  };
  const conditionsOf = (query: number): CallConditions =>
    leftOut ? { ...UNCONDITIONAL, exclude: leftOut.slice(query, query + 1) } : UNCONDITIONAL;
  const answers = (end - first) * cells.length;
  const piece = {
    errors: new Float64Array(answers),
    bars: new Float64Array(answers),
    modelErrors: new Float64Array(answers),
    logSpreads: new Float64Array(answers),
    modelShares: new Float64Array(answers),
    defaults: [] as DefaultTries[],
  };
  const exactOf = (query: number, count: number): Float64Array[] => {
    opened.conditions.apply(opened, conditionsOf(query));
    return exactLogPartitions(opened, count, (row) => prepare(query + row), grid.temperatures);
  };
  const together = leftOut ? 1 : end - first;
  const exact: Float64Array[] = [];
  for (let query = first; query < end; query += together) exact.push(...exactOf(query, together));
  for (const [t, temperature] of grid.temperatures.entries()) {
    for (const [row, logPartitions] of exact.entries()) {
      opened.conditions.apply(opened, { ...conditionsOf(first + row), temperature });
      prepare(first + row);
      for (const [c, cell] of cells.entries()) {
        if (cell.temperature !== temperature) continue;
        const { logPartition, standardError, modelError } = estimateAt(opened, cell, c, cells[c - 1]);
        const { tailLogSpread, isExtended } = momentsOf(opened);
        const at = row * cells.length + c;
        piece.errors[at] = logPartition - (logPartitions[t] as number);
        piece.bars[at] = standardError;
        piece.modelErrors[at] = modelError;
        piece.logSpreads[at] = tailLogSpread;
        piece.modelShares[at] = modelShare(isExtended);
      }
    }
  }
  opened.conditions.apply(opened, UNCONDITIONAL);
  for (let query = first; query < end && hasDefaults; query++) {
    prepare(query);
    piece.defaults.push(defaultTries(opened));
  }
  return piece;
}

const NO_IDS = new Int32Array(0);
const BY_BUCKETS = { exact: false, proposal: "buckets", targetError: DEFAULT_TARGET_ERROR } as const;

/**
 * Answers the query in place as the library does. The head of the cell before, whose answer is in place, serves this cell as well
 * if it was made in the same way: then only the draws are new.
 */
function estimateAt(opened: OpenedIndex, cell: Cell, number: number, before: Cell | undefined): Scored {
  const { scan, draws } = cell;
  const seed = BigInt(number);
  if (before?.scan === scan && before.temperature === cell.temperature && scan !== "auto") {
    return redraw(opened, { draws, seed });
  }
  return probabilitiesOf(opened, NO_IDS, { ...BY_BUCKETS, scan, triesAgain: false, draws, seed });
}
