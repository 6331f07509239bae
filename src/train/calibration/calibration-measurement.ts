import { DEFAULT_DRAWS, DEFAULT_SCAN, DEFAULT_TARGET_ERROR } from "../../answers/options.ts";
import type { EstimateRequest } from "../../answers/probabilities.ts";
import { predictTop, probabilitiesOf } from "../../answers/probabilities.ts";
import { batchesWith } from "../../batch/batches.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { UNCONDITIONAL } from "../../memory/conditions.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { type OpenedIndex, openIndex } from "../../memory/opened-index.ts";
import type { Task, WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/best-rows.ts";
import { exactLogPartitions } from "./exact-log-partitions.ts";
import { type Cell, cellsOf, type Grid } from "./grid.ts";
import { answersOf, type MeasuredAnswers } from "./measured-answers.ts";
import { type DefaultAnswer, NO_CLASS } from "./query-statistics.ts";

/** Queries of a piece: few, so that threads share the work and a build can yield, but enough for a change of temperature. */
const PIECE_QUERIES = 32;
/** The most memory that a WebAssembly instance can have. */
const MAX_BYTES = 2 ** 32;

interface CalibrationPlan {
  readonly file: IndexSource;
  /** f32 (n, D). */
  readonly queries: Float32Array;
  readonly grid: Grid;
}

/** The first query of a piece, and the number after its last one. */
interface Piece {
  readonly first: number;
  readonly end: number;
}

/** Answers in the order of the queries and, for each query, of the cells. */
interface MeasuredPiece {
  readonly errors: Float64Array;
  readonly bars: Float64Array;
  readonly modelErrors: Float64Array;
  readonly defaults: readonly DefaultAnswer[];
}

/** The results of a calibration's measurement. */
interface Measured extends MeasuredAnswers {
  /** The default answers of predict to the queries. */
  readonly defaults: readonly DefaultAnswer[];
}

/** Compares the answers of an index with the exact log Z. The file has to have no factor and no limit yet. */
export async function measureAnswers(
  pool: WorkerPool<QueryTools>,
  { file, queries, grid }: CalibrationPlan,
  queryCount: number,
  advance: (done: number) => Promise<void>,
): Promise<Measured> {
  const cellCount = cellsOf(grid).length;
  const measured = { ...answersOf(grid, queryCount), defaults: [] as DefaultAnswer[] };
  const pieces: Piece[] = [];
  for (let first = 0; first < queryCount; first += PIECE_QUERIES) {
    pieces.push({ first, end: Math.min(first + PIECE_QUERIES, queryCount) });
  }
  let at = 0;
  const measuredPieces = pool.map(measureCalibration, { file, queries, grid }, pieces);
  for await (const { errors, bars, modelErrors, defaults } of measuredPieces) {
    measured.errors.set(errors, at);
    measured.bars.set(bars, at);
    measured.modelErrors.set(modelErrors, at);
    measured.defaults.push(...defaults);
    at += errors.length;
    await advance(at / cellCount);
  }
  return measured;
}

/** A piece is a range of queries. The exact scores of a query serve all temperatures. */
export const measureCalibration: Task<QueryTools, CalibrationPlan, Piece, MeasuredPiece> = async (
  { modules },
  { file, queries, grid },
) => {
  const opened = await openIndex(modules, file, limitsOf({ maxBytes: MAX_BYTES }), batchesWith(modules.batch));
  const { dim } = opened.header.facts;
  const cells = cellsOf(grid);
  const place = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, dim);
  const prepare = (query: number): void => {
    place.set(queries.subarray(query * dim, (query + 1) * dim));
    opened.kernels.prepareQuery(opened.plan.layout);
  };
  return ({ first, end }) => {
    const answers = (end - first) * cells.length;
    const piece = {
      errors: new Float64Array(answers),
      bars: new Float64Array(answers),
      modelErrors: new Float64Array(answers),
      defaults: [] as DefaultAnswer[],
    };
    const prepareRow = (row: number): void => prepare(first + row);
    const exact = exactLogPartitions(opened, end - first, prepareRow, grid.temperatures);
    for (const [t, temperature] of grid.temperatures.entries()) {
      opened.conditions.apply(opened, { ...UNCONDITIONAL, temperature });
      for (const [row, logPartitions] of exact.entries()) {
        prepare(first + row);
        for (const [c, cell] of cells.entries()) {
          if (cell.temperature !== temperature) continue;
          const { logPartition, standardError, modelError } = estimateAt(opened, cell, c);
          const at = row * cells.length + c;
          piece.errors[at] = logPartition - (logPartitions[t] as number);
          piece.bars[at] = standardError;
          piece.modelErrors[at] = modelError;
        }
      }
    }
    opened.conditions.apply(opened, UNCONDITIONAL);
    for (let row = first; row < end; row++) {
      prepare(row);
      piece.defaults.push(defaultAnswer(opened));
    }
    return piece;
  };
};

const NO_IDS = new Int32Array(0);

/** Answers the query in place as predict does by default. */
function defaultAnswer(opened: OpenedIndex): DefaultAnswer {
  const { ids, logPartition, effectiveSampleSize, headShare } = predictTop(opened, 1, {
    ...{ exact: false, proposal: "buckets", scan: DEFAULT_SCAN, targetError: DEFAULT_TARGET_ERROR },
    ...{ draws: DEFAULT_DRAWS, seed: 0n },
  });
  return { best: ids[0] ?? NO_CLASS, shown: [logPartition, effectiveSampleSize / DEFAULT_DRAWS, headShare] };
}

/** Answers the query in place as the library does. */
function estimateAt(opened: OpenedIndex, { scan, draws }: Cell, seed: number) {
  const targetError = DEFAULT_TARGET_ERROR;
  const request: EstimateRequest = { exact: false, proposal: "buckets", scan, targetError, draws, seed: BigInt(seed) };
  return probabilitiesOf(opened, NO_IDS, request);
}
