import { batchesWith } from "../../batch/batches.ts";
import type { CalibrationFacts } from "../../format/calibration.ts";
import { type BarCalibration, ESTIMATOR } from "../../format/calibration-values.ts";
import { describe } from "../../index/describe.ts";
import { MultiIndex } from "../../index/multi-index.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { type OpenedIndex, openIndex } from "../../memory/opened-index.ts";
import { partOf } from "../../parts/loaded-part.ts";
import { logSum } from "../../parts/log-sums.ts";
import { mergeEstimates } from "../../parts/merge-estimates.ts";
import { withBars } from "../../parts/merged-bars.ts";
import type { PartialAnswer, PartialEstimate } from "../../parts/partial-answer.ts";
import type { HeldPart } from "../../parts/placed-parts.ts";
import { questionTo } from "../../parts/split-question.ts";
import type { MergedStatistics } from "../../publication/merged-statistics.ts";
import type { MeasuredPart, MergedQueries } from "../recall/merged-recall.ts";
import { DefaultAnswersOfParts } from "./default-answers-of-parts.ts";
import { exactLogPartitions } from "./exact-log-partitions.ts";
import { fitCalibration } from "./fit-calibration.ts";
import { cellsOf, type Grid } from "./grid.ts";
import { answersOf, type MeasuredAnswers } from "./measured-answers.ts";

// Error bars of merged answers: variances of parts add, and so do the limits up to which parts were calibrated, but neither
// says how often the sum covers. So merged answers are compared with log Z of all classes, as those of an index with its own.

/** A part that is asked, with its number among all. */
export interface CalibratedPart extends MeasuredPart {
  readonly number: number;
}

/** The queries that merged answers are calibrated with. */
export interface MergedCalibrationQueries extends MergedQueries {
  readonly grid: Grid;
  /** The queries are those of users, not stand-ins. */
  readonly isReal: boolean;
  /** The calibration before this one, whose bars few queries make no narrower. Default: none. */
  readonly earlier?: BarCalibration | undefined;
}

/** The calibration of merged answers, and their statistics. */
export interface MeasuredParts {
  /** Undefined if nothing was estimated. */
  readonly calibration: (CalibrationFacts & BarCalibration) | undefined;
  /** Undefined for stand-ins, which are no measure of queries. */
  readonly statistics: MergedStatistics | undefined;
}

/**
 * Finds the factor and the limit with which the intervals of merged answers hold, beyond the factors of the parts, and the
 * statistics of the default answers to real queries. Parts are opened one after the other.
 */
export async function calibrateMerged(
  parts: readonly CalibratedPart[],
  asked: MergedCalibrationQueries,
): Promise<MeasuredParts> {
  const { queries, dim, grid, isReal, earlier, onProgress } = asked;
  const queryCount = queries.length / dim;
  const held = parts.filter(({ classes }) => classes > 0);
  const itemCount = held.reduce((sum, { classes }) => sum + classes, 0);
  const merged = new MergedAnswers(grid, queryCount);
  const defaults = isReal ? new DefaultAnswersOfParts(asked, itemCount) : undefined;
  for (const [i, part] of held.entries()) {
    onProgress?.(i, held.length);
    await withPart(part, asked, async (open) => {
      await addAnswers(open, asked, itemCount, merged);
      defaults?.add(open.placed, open.index);
    });
  }
  const values = fitCalibration(merged.measured(), { isReal, queryCount, ...(earlier && { earlier }) });
  const isMeasured = values.answers > 0;
  while (defaults?.startNext(isMeasured ? { ...values, isCalibrated: true } : undefined)) {
    for (const part of held) await withPart(part, asked, async ({ placed, index }) => defaults.add(placed, index));
  }
  const source = isReal ? "queries" : "stand-ins";
  return {
    calibration: isMeasured ? { estimator: ESTIMATOR, source, queryCount, ...values } : undefined,
    statistics: defaults?.statistics(),
  };
}

/** The merged answers of the parts so far. */
class MergedAnswers {
  private readonly grid: Grid;
  private readonly queryCount: number;
  /** By query and cell. */
  private readonly estimates: (PartialEstimate | undefined)[];
  /** log Z by query and temperature. */
  private readonly exact: Float64Array[];

  constructor(grid: Grid, queryCount: number) {
    this.grid = grid;
    this.queryCount = queryCount;
    this.estimates = new Array(queryCount * cellsOf(grid).length).fill(undefined);
    this.exact = Array.from({ length: queryCount }, () =>
      new Float64Array(grid.temperatures.length).fill(Number.NEGATIVE_INFINITY),
    );
  }

  addExact(query: number, logPartitions: Float64Array): void {
    const sums = this.exact[query] as Float64Array;
    for (const [t, log] of logPartitions.entries()) sums[t] = logSum([sums[t] as number, log]);
  }

  add(at: number, estimate: PartialEstimate, draws: number): void {
    const before = this.estimates[at];
    this.estimates[at] = before === undefined ? estimate : mergeEstimates([before, estimate], draws);
  }

  /** The bars are those before any limit. */
  measured(): MeasuredAnswers {
    const measured = answersOf(this.grid, this.queryCount);
    for (const [at, estimate] of this.estimates.entries()) {
      if (estimate === undefined) continue;
      const all = { factor: 1, limit: Number.POSITIVE_INFINITY, isCalibrated: false };
      const { logPartition, standardError, modelError } = withBars(estimate, all);
      const exact = this.exact[measured.queries[at] as number]?.[measured.temperatures[at] as number] as number;
      measured.errors[at] = logPartition - exact;
      measured.bars[at] = standardError;
      measured.modelErrors[at] = modelError;
    }
    return measured;
  }
}

/** A part that is open, in its place. */
interface OpenPart {
  readonly opened: OpenedIndex;
  readonly index: MultiIndex;
  readonly placed: HeldPart;
}

/** Opens a part for as long as `use` takes. */
function withPart(
  part: CalibratedPart,
  { modules }: MergedCalibrationQueries,
  use: (part: OpenPart) => Promise<void>,
): Promise<void> {
  const limits = limitsOf({ maxBytes: ADDRESSABLE_BYTES });
  return part.use(async (file) => {
    const opened = await openIndex(modules, file, limits, batchesWith(modules.batch));
    const index = new MultiIndex(opened, describe(opened), limits);
    const held = partOf(index, { number: part.number });
    const place = { count: part.classes, first: part.before, table: undefined };
    await use({ opened, index, placed: { part: held, info: held.info, place, before: part.before } });
  });
}

/** Adds the answers of a part. */
async function addAnswers(
  { opened, placed }: OpenPart,
  asked: MergedCalibrationQueries,
  itemCount: number,
  merged: MergedAnswers,
): Promise<void> {
  const { queries, dim, grid, yieldIfDue } = asked;
  const queryCount = queries.length / dim;
  for (const [query, logs] of exactOf(opened, asked, queryCount).entries()) merged.addExact(query, logs);
  await yieldIfDue();
  const cells = cellsOf(grid);
  for (const temperature of grid.temperatures) {
    for (let query = 0; query < queryCount; query++) {
      for (const [c, cell] of cells.entries()) {
        if (cell.temperature !== temperature) continue;
        const { scan, draws } = cell;
        const options = { temperature, scan, draws, seed: BigInt(c) };
        const vector = queries.subarray(query * dim, (query + 1) * dim);
        merged.add(query * cells.length + c, estimateBy(placed, itemCount, vector, options), draws);
      }
      await yieldIfDue();
    }
  }
}

/** Computes log Z of a part for each query, at each temperature. */
function exactOf(opened: OpenedIndex, { queries, dim, grid }: MergedCalibrationQueries, count: number): Float64Array[] {
  const place = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, dim);
  const placeRow = (row: number): void => {
    place.set(queries.subarray(row * dim, (row + 1) * dim));
    opened.kernels.prepareQuery(opened.plan.layout);
  };
  return exactLogPartitions(opened, count, placeRow, grid.temperatures);
}

/** Asks a part as a PartedIndex of all parts asks it. */
function estimateBy(placed: HeldPart, itemCount: number, query: Float32Array, options: object): PartialEstimate {
  const whole = { call: "logProbability", query, size: 0, ids: new Int32Array(0), options } as const;
  const isAlone = itemCount === placed.info.itemCount;
  const { question } = questionTo(placed, whole, isAlone ? undefined : itemCount);
  return (placed.part.answer(question) as PartialAnswer).estimate as PartialEstimate;
}
