import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import { type OpenedIndex, write } from "../memory/opened-index.ts";
import { offerChanged } from "./changed-classes.ts";
import { uniforms } from "./uniforms.ts";

/**
 * Rows per kernel call. Scores stay in the cache, and a fresh instance reaches its optimised code after a few calls.
 */
export const BLOCK_ROWS = 1024;

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

/** What was read before a scan that reads all rows itself. */
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
  const scanBlock = blockScanner(opened);
  const logMasses = new Float64Array(blocks);
  let { scored, blocks: block } = (!visit && opened.batches?.take(k, "scores", logMasses)) || NOTHING_READ;
  for (; block < blocks; block++) {
    const { logMass, count } = scanBlock(block);
    kernels.topPush(plan.layout, plan.regions.drawPositions, plan.regions.drawScores, count, k);
    visit?.(count);
    logMasses[block] = logMass;
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
  const largest = logMasses.reduce((top, logMass) => Math.max(top, logMass), Number.NEGATIVE_INFINITY);
  const massBefore = new Float64Array(logMasses.length + 1);
  for (const [block, logMass] of logMasses.entries()) {
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
  const scanBlock = blockScanner(opened);
  const logMasses = new Float64Array(blocks);
  const wholeLogMasses = new Float64Array(blocks).fill(Number.NEGATIVE_INFINITY);
  const changedFrom = Math.ceil(header.facts.itemCount / BLOCK_ROWS);
  if (conditions.changedCount > 0) wholeLogMasses[changedFrom] = kernels.changedWithRemainder(plan.layout);
  let { scored, blocks: block } = opened.batches?.take(0, "remainders", logMasses, wholeLogMasses) ?? NOTHING_READ;
  for (; block < blocks; block++) {
    const { logMass, count } = scanBlock(block);
    logMasses[block] = logMass;
    scored += count;
    if (count === 0 || block >= changedFrom) continue;
    kernels.addRemainder(plan.layout, plan.regions.drawPositions, count, plan.regions.drawScores);
    wholeLogMasses[block] = logMassOf(opened, count);
  }
  const { logPartition } = sumBlocks(opened, logMasses);
  return { logPartition, wholeLogPartition: sumBlocks(opened, wholeLogMasses).logPartition, scored };
}

/** Leaves the k best of all classes in topIds and topScores, and returns the number of rows read. */
export function scanForTop(opened: OpenedIndex, k: number): number {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { itemCount } = header.facts;
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  let { scored, blocks } = opened.batches?.take(k, "none") ?? NOTHING_READ;
  for (let first = blocks * BLOCK_ROWS; first < itemCount; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, itemCount);
    const count = (kernels.listPositions(layout, first, end, regions.drawPositions) - regions.drawPositions) / 4;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    kernels.topPush(layout, regions.drawPositions, regions.drawScores, count, k);
    scored += count;
  }
  scored += offerChanged(opened, k);
  kernels.topSort(layout);
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
  const classes = new Int32Array(
    opened.kernels.memory.buffer,
    opened.plan.file + (opened.header.tensors.ids?.begin ?? 0),
    opened.header.facts.itemCount,
  );
  const uniform = uniforms(opened, seed, abi.PURPOSE_EXACT);
  const total = massBefore.at(-1) as number;
  const targets = Float64Array.from(ids, (_, j) => uniform(j) * total);
  const blocks = Int32Array.from(targets, (target) => lastAtMost(massBefore, target));
  // In ascending order of targets each block is scored at most once more, and walked once.
  const order = Array.from(ids.keys()).sort((a, b) => (targets[a] as number) - (targets[b] as number) || a - b);
  const scanBlock = blockScanner(opened);
  let walk: BlockWalk | undefined;
  for (const j of order) {
    const block = blocks[j] as number;
    if (walk?.block !== block) walk = new BlockWalk(block, scanBlock(block));
    const before = massBefore[block] as number;
    const share = ((targets[j] as number) - before) / ((massBefore[block + 1] as number) - before);
    const chosen = walk.to(share);
    ids[j] = classes[walk.scanned.positions[chosen] as number] as number;
    scores[j] = walk.scanned.scores[chosen] as number;
  }
  return { ids, scores };
}

export interface BlockScan {
  /** The number of classes in the block that are not filtered out. */
  readonly count: number;
  readonly positions: Int32Array;
  readonly scores: Float32Array;
  /** e^((scores − largest) / T). */
  readonly weights: Float32Array;
  /** log Σ e^(scores / T), summed in f32 lanes as expInto does. */
  readonly logMass: number;
}

/** Returns the number of blocks of positions and of changed classes. */
export const blockCount = ({ header, conditions }: OpenedIndex): number =>
  Math.ceil(header.facts.itemCount / BLOCK_ROWS) + Math.ceil(conditions.changedCount / BLOCK_ROWS);

/** Returns a function that scores a block into the draw buffers. The views of a block are valid until the next call. */
export function blockScanner(opened: OpenedIndex): (block: number) => BlockScan {
  const { kernels, plan, header, conditions } = opened;
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  const positions = new Int32Array(buffer, regions.drawPositions, BLOCK_ROWS);
  const scores = new Float32Array(buffer, regions.drawScores, BLOCK_ROWS);
  // The f64 buffer of log Q is unused here, and holds twice as many f32.
  const weights = new Float32Array(buffer, regions.drawLogQ, BLOCK_ROWS);
  const { changedCount } = conditions;
  const changedPositions = new Int32Array(buffer, regions.changedPositions, changedCount);
  const changedScores = new Float32Array(buffer, regions.changedScores, changedCount);
  const scorePositions = (block: number): number => {
    const first = block * BLOCK_ROWS;
    const end = Math.min(first + BLOCK_ROWS, header.facts.itemCount);
    const count = (kernels.listPositions(layout, first, end, regions.drawPositions) - regions.drawPositions) / 4;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    return count;
  };
  const copyChanged = (block: number): number => {
    const part = changedScores.subarray(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS);
    positions.set(changedPositions.subarray(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS));
    scores.set(part);
    return part.length;
  };
  const changedFrom = Math.ceil(header.facts.itemCount / BLOCK_ROWS);
  return (block) => {
    const count = block < changedFrom ? scorePositions(block) : copyChanged(block - changedFrom);
    if (count === 0) return { count, positions, scores, weights, logMass: Number.NEGATIVE_INFINITY };
    scores.fill(Number.NEGATIVE_INFINITY, count, padded(count));
    return { count, positions, scores, weights, logMass: logMassOf(opened, count) };
  };
}

export const padded = (count: number): number => Math.ceil(count / 4) * 4;

/**
 * Sums the masses of `count` classes by their scores in the draw buffer, −∞ behind the last, and leaves their weights in
 * the buffer of log Q. Returns the logarithm.
 */
export function logMassOf({ kernels, plan, conditions }: OpenedIndex, count: number): number {
  const { drawScores, drawLogQ } = plan.regions;
  const { inverseTemperature } = conditions;
  const top = kernels.maxOf(drawScores, count);
  const mass = kernels.expInto(drawScores, padded(count), top, inverseTemperature, drawLogQ);
  return top * inverseTemperature + kernels.log64(mass);
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
