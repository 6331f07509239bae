import * as abi from "../abi.ts";
import { estimateLogPartition, type LogPartition } from "../estimate.ts";
import { type OpenedIndex, read } from "../opened-index.ts";
import { scanAll } from "./full-scan.ts";

export interface Scored extends LogPartition {
  /** Rows read. */
  readonly scored: number;
}

export interface Effort {
  readonly scan: number;
  readonly draws: number;
  readonly seed: bigint;
}

/** From a head and draws of the tail; leaves the k best of the head in topIds and topScores. */
export function estimate(opened: OpenedIndex, k: number, { scan, draws, seed }: Effort): Scored {
  const { kernels, plan } = opened;
  kernels.predict(plan.layout, k, scan, draws, seed);
  const estimated = estimateLogPartition(momentsOf(opened), draws, kernels);
  return { ...estimated, scored: read(opened, abi.SEARCH_SCORED) };
}

/** From all rows; leaves the k best of all. */
export function estimateExactly(opened: OpenedIndex, k: number, draws: number): Scored {
  const { logPartition } = scanAll(opened, k);
  const { itemCount } = opened.header.facts;
  return { logPartition, standardError: 0, effectiveSampleSize: draws, lowEss: false, scored: itemCount };
}

export const momentsOf = (opened: OpenedIndex): Parameters<typeof estimateLogPartition>[0] => ({
  headMass: read(opened, abi.SEARCH_HEAD_MASS),
  tailMass: read(opened, abi.SEARCH_TAIL_MASS),
  tailMean: read(opened, abi.SEARCH_TAIL_MEAN),
  tailSquareMean: read(opened, abi.SEARCH_TAIL_SQUARE_MEAN),
  tailLargest: read(opened, abi.SEARCH_TAIL_LARGEST),
  tailLogVariance: read(opened, abi.SEARCH_TAIL_LOG_VARIANCE),
  logShift: read(opened, abi.SEARCH_LOG_SHIFT),
  drawCount: read(opened, abi.SEARCH_DRAW_COUNT),
});
