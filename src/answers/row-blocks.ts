import { listPositions } from "../memory/list-positions.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/**
 * Rows per kernel call. Scores stay in the cache, and a fresh instance reaches its optimised code after a few calls.
 */
export const BLOCK_ROWS = 1024;

/** The parts of an index that scans of rows use. */
export interface RowsInMemory extends Pick<OpenedIndex, "kernels" | "search"> {
  readonly header: { readonly facts: Pick<OpenedIndex["header"]["facts"], "itemCount"> };
  readonly plan: Pick<OpenedIndex["plan"], "layout" | "regions">;
  readonly conditions: Pick<OpenedIndex["conditions"], "changedCount" | "inverseTemperature">;
}

/** Returns the position behind the last one of a block. */
export const endOf = ({ header }: RowsInMemory, block: number): number =>
  Math.min((block + 1) * BLOCK_ROWS, header.facts.itemCount);

/** Lists the positions from `first` to before `end` that are not filtered out in the draw buffer, and returns their number. */
export const listBetween = (opened: RowsInMemory, first: number, end: number): number =>
  listPositions(opened, first, end, opened.plan.regions.drawPositions);

/** Scores the rows from `first` to before `end` that are not filtered out into the draw buffers, and returns their number. */
export function scoreBetween(opened: RowsInMemory, first: number, end: number): number {
  const { kernels, plan } = opened;
  const count = listBetween(opened, first, end);
  kernels.scorePositions(plan.layout, plan.regions.drawPositions, count, plan.regions.drawScores);
  return count;
}

/** Lists the positions of a block that are not filtered out in the draw buffer, and returns their number. */
export const listRows = (opened: RowsInMemory, block: number): number =>
  listBetween(opened, block * BLOCK_ROWS, endOf(opened, block));

/** Scores the rows of a block that are not filtered out into the draw buffers, and returns their number. */
export const scoreRows = (opened: RowsInMemory, block: number): number =>
  scoreBetween(opened, block * BLOCK_ROWS, endOf(opened, block));

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
export const blockCount = ({ header, conditions }: RowsInMemory): number =>
  Math.ceil(header.facts.itemCount / BLOCK_ROWS) + Math.ceil(conditions.changedCount / BLOCK_ROWS);

/** Returns a function that scores a block into the draw buffers. The views of a block are valid until the next call. */
export function blockScanner(opened: RowsInMemory): (block: number) => BlockScan {
  const { kernels, plan, header, conditions } = opened;
  const { regions } = plan;
  const { buffer } = kernels.memory;
  const positions = new Int32Array(buffer, regions.drawPositions, BLOCK_ROWS);
  const scores = new Float32Array(buffer, regions.drawScores, BLOCK_ROWS);
  // The f64 buffer of log Q is unused here, and holds twice as many f32.
  const weights = new Float32Array(buffer, regions.drawLogQ, BLOCK_ROWS);
  const { changedCount } = conditions;
  const changedPositions = new Int32Array(buffer, regions.changedPositions, changedCount);
  const changedScores = new Float32Array(buffer, regions.changedScores, changedCount);
  const copyChanged = (block: number): number => {
    const range = [block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS] as const;
    const part = changedScores.subarray(...range);
    positions.set(changedPositions.subarray(...range));
    scores.set(part);
    return part.length;
  };
  const changedFrom = Math.ceil(header.facts.itemCount / BLOCK_ROWS);
  return (block) => {
    const count = block < changedFrom ? scoreRows(opened, block) : copyChanged(block - changedFrom);
    scores.fill(Number.NEGATIVE_INFINITY, count, padded(count));
    return { count, positions, scores, weights, logMass: logMassOf(opened, count) };
  };
}

export const padded = (count: number): number => Math.ceil(count / 4) * 4;

/**
 * Sums the masses of `count` classes by their scores in the draw buffer, −∞ behind the last, and leaves their weights in
 * the buffer of log Q. Returns the logarithm, −∞ for no classes.
 */
export function logMassOf({ kernels, plan, conditions }: RowsInMemory, count: number): number {
  if (count === 0) return Number.NEGATIVE_INFINITY;
  const { drawScores, drawLogQ } = plan.regions;
  const { inverseTemperature } = conditions;
  const top = kernels.maxOf(drawScores, count);
  const mass = kernels.expInto(drawScores, padded(count), top, inverseTemperature, drawLogQ);
  return top * inverseTemperature + kernels.log64(mass);
}
