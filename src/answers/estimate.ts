import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { predictByBuckets } from "./by-buckets.ts";
import { predictByCodes } from "./by-codes.ts";
import { certain, estimateLogPartition, type LogPartition } from "./error-bars.ts";
import { scanAll } from "./full-scan.ts";
import type { Moments } from "./moments.ts";
import type { Proposal } from "./options.ts";
import { logTailMass } from "./tail-share.ts";

export interface Scored extends LogPartition {
  /** The number of rows read. */
  readonly scored: number;
}

export interface Effort {
  readonly proposal: Proposal;
  readonly scan: number;
  readonly draws: number;
  readonly seed: bigint;
}

/** Estimates log Z from a head and draws of the tail, and leaves the k best of the head in topIds and topScores. */
export function estimate(opened: OpenedIndex, k: number, { proposal, scan, draws, seed }: Effort): Scored {
  if (proposal === "codes") predictByCodes(opened, k, { scan, draws, seed });
  else predictByBuckets(opened, k, { scan, draws, seed });
  const estimated = estimateLogPartition(momentsOf(opened), draws, opened.errorBars, opened.kernels);
  return { ...estimated, scored: read(opened, structs.SEARCH_SCORED) };
}

/** Computes log Z from all rows, and leaves the k best of all in topIds and topScores. */
export function estimateExactly(opened: OpenedIndex, k: number, draws: number): Scored {
  const { logPartition, scored } = scanAll(opened, k);
  return { ...certain(logPartition, draws), scored };
}

export const momentsOf = (opened: OpenedIndex): Moments => ({
  headMass: read(opened, structs.SEARCH_HEAD_MASS),
  tailMass: read(opened, structs.SEARCH_TAIL_MASS),
  tailMean: read(opened, structs.SEARCH_TAIL_MEAN),
  tailSquareMean: read(opened, structs.SEARCH_TAIL_SQUARE_MEAN),
  tailLargest: read(opened, structs.SEARCH_TAIL_LARGEST),
  tailLogVariance: read(opened, structs.SEARCH_TAIL_LOG_VARIANCE),
  logTail: logTailMass(opened),
  tailLogSpread: read(opened, structs.SEARCH_TAIL_LOG_SPREAD),
  rounding: roundingOf(opened),
  logShift: read(opened, structs.SEARCH_LOG_SHIFT),
  drawCount: read(opened, structs.SEARCH_DRAW_COUNT),
  distinctCount: runs(opened),
  tailCount: opened.conditions.allowedCount - read(opened, structs.SEARCH_HEAD_COUNT),
});

/** Scores are f32 sums of products, which are off by about this part of the largest score. */
const SCORE_ROUNDING = 2 ** -22;

/**
 * Estimates the error that rounding leaves in log Z: of the query's 16-bit values, which are off by a step over √12, in its
 * product with a row of int8, and of scores in f32.
 */
function roundingOf(opened: OpenedIndex): number {
  const { header, conditions, plan, kernels } = opened;
  const inF32 = Math.abs(read(opened, structs.SEARCH_HEAD_MAX)) * SCORE_ROUNDING;
  const place = header.tensors["dispersion.means"];
  if (header.facts.rows !== "i8" || place === undefined) return finite(inF32) * conditions.inverseTemperature;
  const [, rowSquare = 0] = new Float32Array(kernels.memory.buffer, plan.file + place.begin, 2);
  const inSteps = read(opened, structs.SEARCH_QUERY_STEP) * Math.sqrt(rowSquare / 12);
  return (finite(inF32) + inSteps) * conditions.inverseTemperature;
}

/** Returns 0 for the largest score of an empty head, −∞. */
const finite = (value: number): number => (value < Number.POSITIVE_INFINITY ? value : 0);

/** Counts the runs of equal classes among the draws of the tail, which are in the order of the buckets. */
function runs(opened: OpenedIndex): number {
  const { kernels, plan } = opened;
  const positions = new Int32Array(
    kernels.memory.buffer,
    plan.regions.drawPositions,
    read(opened, structs.SEARCH_DRAW_COUNT),
  );
  let count = 0;
  for (let j = 0; j < positions.length; j++) if (j === 0 || positions[j] !== positions[j - 1]) count++;
  return count;
}
