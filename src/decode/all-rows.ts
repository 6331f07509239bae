import { areFew, scoreFew } from "../answers/few-rows.ts";
import { BLOCK_ROWS, scoreRows } from "../answers/row-blocks.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Classes with their scores, in any order. */
export interface ScoredRows {
  readonly positions: Int32Array;
  readonly scores: Float32Array;
}

const FIRST_CAPACITY = 1024;

/** Collects the classes of all blocks of a scan whose score reaches `least`: 8 bytes for each. */
export class RowCollector {
  private readonly opened: OpenedIndex;
  private readonly least: number;
  private positions = new Int32Array(FIRST_CAPACITY);
  private scores = new Float32Array(FIRST_CAPACITY);
  private collected = 0;

  constructor(opened: OpenedIndex, least: number) {
    this.opened = opened;
    this.least = least;
    if (least === Number.NEGATIVE_INFINITY) this.reserve(opened.conditions.allowedCount);
  }

  /** The classes so far. */
  get rows(): ScoredRows {
    return {
      positions: this.positions.subarray(0, this.collected),
      scores: this.scores.subarray(0, this.collected),
    };
  }

  /** Collects from the next `count` classes, which are in the draw buffers with −∞ behind the last. */
  take(count: number): void {
    const { drawPositions, drawScores } = this.opened.plan.regions;
    this.takeFrom(drawPositions, drawScores, count);
  }

  /** Collects from the classes with changed logits, which no block of rows has. */
  takeChanged(): void {
    const { changedPositions, changedScores } = this.opened.plan.regions;
    this.takeFrom(changedPositions, changedScores, this.opened.conditions.changedCount);
  }

  private takeFrom(positionsAt: number, scoresAt: number, count: number): void {
    const { kernels } = this.opened;
    const takesAll = this.least === Number.NEGATIVE_INFINITY;
    if (count === 0 || (!takesAll && kernels.maxOf(scoresAt, count) < this.least)) return;
    const positions = new Int32Array(kernels.memory.buffer, positionsAt, count);
    const scores = new Float32Array(kernels.memory.buffer, scoresAt, count);
    this.reserve(this.collected + count);
    if (takesAll) {
      this.positions.set(positions, this.collected);
      this.scores.set(scores, this.collected);
      this.collected += count;
      return;
    }
    for (let i = 0; i < count; i++) {
      if ((scores[i] as number) < this.least) continue;
      this.positions[this.collected] = positions[i] as number;
      this.scores[this.collected++] = scores[i] as number;
    }
  }

  private reserve(count: number): void {
    if (count <= this.scores.length) return;
    const capacity = Math.max(count, 2 * this.scores.length);
    const { positions, scores } = this.rows;
    this.positions = new Int32Array(capacity);
    this.scores = new Float32Array(capacity);
    this.positions.set(positions);
    this.scores.set(scores);
  }
}

/** Scores every class. O(N·D). */
export function scoreAll(opened: OpenedIndex): ScoredRows {
  const collector = new RowCollector(opened, Number.NEGATIVE_INFINITY);
  const blocks = areFew(opened) ? 0 : Math.ceil(opened.header.facts.itemCount / BLOCK_ROWS);
  if (blocks === 0) collector.take(scoreFew(opened));
  for (let block = 0; block < blocks; block++) collector.take(scoreRows(opened, block));
  collector.takeChanged();
  return collector.rows;
}

/** Returns the largest of the scores. */
export function largestOf(scores: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if ((scores[i] as number) > largest) largest = scores[i] as number;
  return largest;
}

/** Returns the classes whose score is at least `least`. */
export function reaching({ positions, scores }: ScoredRows, least: number): ScoredRows {
  let count = 0;
  for (let i = 0; i < scores.length; i++) if ((scores[i] as number) >= least) count++;
  const found = { positions: new Int32Array(count), scores: new Float32Array(count) };
  for (let i = 0, at = 0; at < count; i++) {
    if ((scores[i] as number) < least) continue;
    found.positions[at] = positions[i] as number;
    found.scores[at++] = scores[i] as number;
  }
  return found;
}
