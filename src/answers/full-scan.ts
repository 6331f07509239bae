import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { idsByPosition } from "../memory/ids-by-position.ts";
import { type OpenedIndex, write } from "../memory/opened-index.ts";
import { offerChanged } from "./changed-classes.ts";
import { areFew, emptyBlocks, scoreFew } from "./few-rows.ts";
import { BLOCK_ROWS, type BlockScan, blockCount, blockScanner } from "./row-blocks.ts";
import { massScan, topScan } from "./row-scans.ts";
import { uniforms } from "./uniforms.ts";
import { visitInOrder } from "./visit-in-order.ts";

/**
 * The softmax over all classes that are not filtered out, in blocks of BLOCK_ROWS positions and, behind them, blocks of
 * classes with changed logits.
 */
export interface FullScan {
  readonly logPartition: number;
  /** The number of rows read: those of the classes that are not filtered out. */
  readonly scored: number;
  /** The mass before each block and, last, the total. The largest block has mass 1. */
  readonly massBefore: Float64Array;
}

/** The counts before a scan that reads all rows itself. */
const NOTHING_READ = { scored: 0, blocks: 0 };

export interface ExactSample {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
}

/**
 * Scores every class for the query in place. It returns the log-partition and leaves the k best classes in topIds and
 * topScores. `visit` is called with the number of classes of each block, which are in the draw buffers. O(N·D).
 */
export function scanAll(opened: OpenedIndex, k: number, visit?: (count: number) => void): FullScan {
  const { kernels, plan } = opened;
  const blocks = blockCount(opened);
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const logMasses = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY);
  const scan = massScan(opened, k, logMasses);
  const isEmpty = areFew(opened) ? emptyBlocks(opened) : undefined;
  let { scored, blocks: block } = (!visit && !isEmpty && opened.batches?.take(k, "scores", logMasses)) || NOTHING_READ;
  for (; block < blocks; block++) {
    if (isEmpty?.(block)) continue;
    const count = scan(block);
    visit?.(count);
    scored += count;
  }
  kernels.topSort(plan.layout);
  return { ...sumBlocks(opened, logMasses), scored };
}

/** Sums the masses of blocks, given by their logarithms. */
export function sumBlocks(
  { kernels }: OpenedIndex,
  logMasses: Float64Array,
): Pick<FullScan, "logPartition" | "massBefore"> {
  let largest = Number.NEGATIVE_INFINITY;
  for (let block = 0; block < logMasses.length; block++) largest = Math.max(largest, logMasses[block] as number);
  const massBefore = new Float64Array(logMasses.length + 1);
  for (let block = 0; block < logMasses.length; block++) {
    const logMass = logMasses[block] as number;
    const mass = logMass > Number.NEGATIVE_INFINITY ? kernels.exp64(logMass - largest) : 0;
    massBefore[block + 1] = (massBefore[block] as number) + mass;
  }
  return { logPartition: largest + kernels.log64(massBefore[logMasses.length] as number), massBefore };
}

/** log Z from all int8 rows: as they score, and for all of the query (assembly/exact/remainder.ts). */
export interface WholeScan extends Pick<FullScan, "logPartition" | "scored"> {
  readonly wholeLogPartition: number;
}

/** Scores every class for the query in place, whose remainder must be prepared (prepareRemainder). O(N·D). */
export function scanWithRemainder(opened: OpenedIndex): WholeScan {
  const { kernels, plan, header, conditions } = opened;
  const blocks = blockCount(opened);
  const logMasses = new Float64Array(blocks);
  const wholeLogMasses = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY);
  const scan = massScan(opened, 0, logMasses, wholeLogMasses);
  const changedFrom = Math.ceil(header.facts.itemCount / BLOCK_ROWS);
  if (conditions.changedCount > 0) wholeLogMasses[changedFrom] = kernels.changedWithRemainder(plan.layout);
  let { scored, blocks: block } = opened.batches?.take(0, "remainders", logMasses, wholeLogMasses) ?? NOTHING_READ;
  for (; block < blocks; block++) scored += scan(block);
  const { logPartition } = sumBlocks(opened, logMasses);
  return { logPartition, wholeLogPartition: sumBlocks(opened, wholeLogMasses).logPartition, scored };
}

/** Leaves the k best of all classes in topIds and topScores, and returns the number of rows read. */
export function scanForTop(opened: OpenedIndex, k: number): number {
  const { kernels, plan } = opened;
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const scored = (areFew(opened) ? offerFew : offerBlocks)(opened, k) + offerChanged(opened, k);
  kernels.topSort(plan.layout);
  return scored;
}

/** Offers the few classes that are left to the k best, and returns their number. */
function offerFew(opened: OpenedIndex, k: number): number {
  const { kernels, plan } = opened;
  const count = scoreFew(opened);
  kernels.topPush(plan.layout, plan.regions.drawPositions, plan.regions.drawScores, count, k);
  return count;
}

/** Offers all rows to the k best, block by block, and returns their number. */
function offerBlocks(opened: OpenedIndex, k: number): number {
  const blocks = Math.ceil(opened.header.facts.itemCount / BLOCK_ROWS);
  const scan = topScan(opened, k);
  let { scored, blocks: block } = opened.batches?.take(k, "none") ?? NOTHING_READ;
  for (; block < blocks; block++) scored += scan(block);
  return scored;
}

/**
 * Draws independently from the softmax itself. Draw j chooses its block by one uniform number and prefix sums. The
 * block is then scored again and walked: at most O(N·D) for all draws together. Each draw is a function of (seed,
 * query, j).
 */
export function drawFromScan(opened: OpenedIndex, { massBefore }: FullScan, draws: number, seed: bigint): ExactSample {
  const ids = new Int32Array(draws);
  const scores = new Float32Array(draws);
  const classes = idsByPosition(opened);
  const uniform = uniforms(opened, seed, abi.PURPOSE_EXACT);
  const scanBlock = blockScanner(opened);
  let walk: BlockWalk | undefined;
  visitInOrder(massBefore, draws, uniform, (j, block, share) => {
    if (walk?.block !== block) walk = new BlockWalk(block, scanBlock(block));
    const chosen = walk.to(share);
    ids[j] = classes[walk.scanned.positions[chosen] as number] as number;
    scores[j] = walk.scanned.scores[chosen] as number;
  });
  return { ids, scores };
}

/** Finds the classes at ascending shares of a block's mass. */
class BlockWalk {
  readonly block: number;
  readonly scanned: BlockScan;
  private readonly sum: number;
  private at = 0;
  private before = 0;

  constructor(block: number, scanned: BlockScan) {
    this.block = block;
    this.scanned = scanned;
    let sum = 0;
    for (let i = 0; i < scanned.count; i++) sum += scanned.weights[i] as number;
    this.sum = sum;
  }

  /** `share` is in [0, 1) and no smaller than in the last call. Rounding past the end gives the last class. */
  to(share: number): number {
    const { weights, count } = this.scanned;
    const target = share * this.sum;
    while (this.at < count - 1) {
      const next = this.before + (weights[this.at] as number);
      if (target < next) break;
      this.before = next;
      this.at++;
    }
    return this.at;
  }
}
