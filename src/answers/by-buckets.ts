import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import type { HeadAndDraws } from "../memory/head-and-draws.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { topOfHead } from "./allowed-head.ts";
import type { Draws } from "./answers.ts";
import { modelError, modelShare } from "./dispersion-bars.ts";
import { drawsAhead } from "./next-effort.ts";
import { logTailMass } from "./tail-share.ts";

/** The size of a head, and the draws from its tail. */
export interface BucketEffort {
  readonly scan: number;
  readonly draws: number;
  readonly seed: bigint;
  /**
   * The bar to aim at. More draws are made where dispersions say that a few times as many will reach it, and none where they
   * say that no such number will. Default: none.
   */
  readonly aim?: number;
  /** No draws are made where the bar is sure to be larger than this, as dispersions say before drawing. Default: none. */
  readonly mostBar?: number;
}

/**
 * The most rows whose codes are read. Fewer are not enough for small heads: on 10,000 words of a language model, 1,200 answers at
 * scan 256 and T = 0.3, the largest error is 4.2 nats with the codes of 2,048 rows, and 0.01 with those of 3,072.
 */
const MOST_CODES = 3072;
/**
 * So many classes enter a head by their codes, or SCAN_OF_CODED / scan if that is more: a small head lacks more of the likely
 * classes. On five output layers of 10,000 to 41,000 classes these have, at scans of 1,024 and 4,096, the root mean square errors
 * of all classes among the 100 best by code, and smaller ones at a scan of 256.
 */
const FEWEST_CODED = 16;
const SCAN_OF_CODED = 16_384;

/**
 * Leaves the moments of stratified draws from the tail, and the k best of the head in topIds and topScores. With fine codes,
 * the best classes by code enter the head, however small the error that dispersions predict: they cannot predict a
 * single class that the query points at.
 */
export function predictByBuckets(opened: OpenedIndex, k: number, effort: BucketEffort): void {
  const { scan, draws, seed, aim, mostBar } = effort;
  const { plan, header } = opened;
  const kernels = weighed(opened);
  const { layout } = plan;
  const looks = header.facts.hasFineCodes || aim !== undefined || mostBar !== undefined;
  if (!opened.errorBars.hasDispersions || draws === 0 || !looks) {
    if (!opened.batches?.predict(k, scan, draws, seed)) kernels.predict(layout, k, scan, draws, seed);
    return;
  }
  kernels.propose(layout, scan, k);
  const made = read(opened, structs.SEARCH_TAIL_TOTAL) > 0 ? drawsToMake(opened, effort) : draws;
  topOfHead(opened, k);
  kernels.estimateTail(layout, made, seed);
}

/**
 * Adds the best classes by code to the head in place, where there are fine codes, leaves the spread of the tail, and returns the
 * number of draws to make.
 */
function drawsToMake(opened: OpenedIndex, effort: BucketEffort): number {
  const { scan, draws, aim, mostBar } = effort;
  const { hasFineCodes } = opened.header.facts;
  let made = draws;
  if (aim !== undefined || !hasFineCodes) {
    opened.kernels.tailSpread(opened.plan.layout);
    made = drawsFor(opened, effort);
  }
  if (hasFineCodes && made > 0) {
    extendByCodes(opened, scan);
    made = drawsFor(opened, effort);
  }
  // Without what the draws show, a bar has the half of its variance that the model adds.
  const isVain = mostBar !== undefined && foreseenBar(opened, made) / Math.SQRT2 > mostBar;
  return isVain ? 0 : made;
}

/**
 * Adds the best classes by code to the head in place, which was made for `scan`, in an index with fine codes, and leaves the
 * spread of the rest of the tail.
 */
export function extendByCodes({ kernels, plan, header: { facts } }: OpenedIndex, scan: number): void {
  if (!facts.hasFineCodes) return;
  const coded = Math.min(Math.max(Math.ceil(SCAN_OF_CODED / scan), FEWEST_CODED), abi.HEAD_CODES);
  kernels.extendHead(plan.layout, Math.min(MOST_CODES, facts.itemCount), coded);
  kernels.tailSpread(plan.layout);
}

/**
 * Returns the number of draws from the tail in place, whose spread is known, that should give a bar of `aim`: at least
 * `draws`, or 0 if so many would be in vain.
 */
function drawsFor(opened: OpenedIndex, { draws, aim }: BucketEffort): number {
  return aim === undefined ? draws : drawsAhead(opened, draws, foreseenBar(opened, draws), aim);
}

/** Returns the error that the model expects of `draws` draws from the tail in place, whose spread is known, by the calibration. */
export const expectedError = (opened: OpenedIndex, draws: number): number =>
  opened.errorBars.factor * errorOfSpread(opened, draws, read(opened, structs.SEARCH_LOG_PROPOSAL));

/** Returns the bar of an answer over its model error, if the draws show as much as the model adds. */
const barByModel = ({ header: { facts } }: OpenedIndex): number => Math.sqrt(2 * modelShare(facts.hasFineCodes));

/** Returns true if the spread of the tail in place, which is known, is beyond what was calibrated: no draws from it give a bar. */
export const isBeyondSpread = (opened: OpenedIndex): boolean =>
  logTailMass(opened) > Number.NEGATIVE_INFINITY &&
  read(opened, structs.SEARCH_TAIL_LOG_SPREAD) > opened.errorBars.spreadLimit;

/** Returns the bar to expect of `draws` draws from the tail in place, whose spread is known. */
export const foreseenBar = (opened: OpenedIndex, draws: number): number =>
  isBeyondSpread(opened) ? Number.POSITIVE_INFINITY : barByModel(opened) * expectedError(opened, draws);

/**
 * Returns the bar to expect of an answer whose model error is the largest that the calibration verified. One with a larger model
 * error has no bar, so no effort should aim at more.
 */
export const barAtLimit = (opened: OpenedIndex): number =>
  barByModel(opened) * opened.errorBars.factor * opened.errorBars.limit;

/**
 * Returns the bar to expect of an effort, if the variance of the draws is that of the model. The head and the tail of the effort
 * are then in place, without scores.
 */
export function expectedBar(opened: OpenedIndex, { scan, draws }: HeadAndDraws): number {
  const logProposal = read(opened, structs.SEARCH_LOG_PROPOSAL); // of the head before
  weighed(opened).proposeTail(opened.plan.layout, scan, 0);
  opened.kernels.tailSpread(opened.plan.layout);
  if (isBeyondSpread(opened)) return Number.POSITIVE_INFINITY;
  return Math.SQRT2 * opened.errorBars.factor * errorOfSpread(opened, draws, logProposal);
}

/**
 * Returns the standard error to expect of `draws` draws from the tail in place, whose spread is known (tailSpread), relative
 * to the Z of `logReference`.
 */
function errorOfSpread(opened: OpenedIndex, draws: number, logReference: number): number {
  const logTail = logTailMass(opened);
  if (logTail === Number.NEGATIVE_INFINITY) return 0; // with an empty tail, the spread in place is an older one
  const tailLogSpread = read(opened, structs.SEARCH_TAIL_LOG_SPREAD);
  return modelError({ logTail, tailLogSpread }, draws, logReference, opened.errorBars.spread, opened.kernels);
}

/** Draws independently from the proposal with the head under `scan` (docs/method.md, 3). */
export function sampleByBuckets(
  opened: OpenedIndex,
  scan: number,
  draws: number,
  seed: bigint,
): Pick<Draws, "ids" | "scores" | "logQ" | "scored"> {
  const { plan } = opened;
  const kernels = weighed(opened);
  const { buffer } = kernels.memory;
  kernels.sample(plan.layout, scan, draws, seed);
  return {
    ids: new Int32Array(buffer, plan.regions.drawPositions, draws).slice(),
    scores: new Float32Array(buffer, plan.regions.drawScores, draws).slice(),
    logQ: Float32Array.from(new Float64Array(buffer, plan.regions.drawLogQ, draws)),
    scored: read(opened, structs.SEARCH_SCORED),
  };
}
