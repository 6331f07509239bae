import { BLOCK_ROWS } from "../answers/full-scan.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Classes with their scores, in the order of their positions. */
export interface ScoredRows {
  readonly positions: Int32Array;
  readonly scores: Float32Array;
}

/** Copies the scores of all classes that are not filtered out, block by block: 8 bytes for each class. */
export class RowCollector implements ScoredRows {
  readonly positions: Int32Array;
  readonly scores: Float32Array;
  private readonly opened: OpenedIndex;
  private collected = 0;

  constructor(opened: OpenedIndex) {
    this.opened = opened;
    this.positions = new Int32Array(opened.conditions.allowedCount);
    this.scores = new Float32Array(opened.conditions.allowedCount);
  }

  /** Copies the next `count` classes from the draw buffers. */
  take(count: number): void {
    const { drawPositions, drawScores } = this.opened.plan.regions;
    this.copy(drawPositions, drawScores, count);
  }

  /** Copies the classes with changed logits, which no block of rows has. */
  takeChanged(): void {
    const { changedPositions, changedScores } = this.opened.plan.regions;
    this.copy(changedPositions, changedScores, this.opened.conditions.changedCount);
  }

  private copy(positions: number, scores: number, count: number): void {
    const { buffer } = this.opened.kernels.memory;
    this.positions.set(new Int32Array(buffer, positions, count), this.collected);
    this.scores.set(new Float32Array(buffer, scores, count), this.collected);
    this.collected += count;
  }
}

/** Scores every class. O(N·D). */
export function scoreAll(opened: OpenedIndex): ScoredRows {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { itemCount } = header.facts;
  const rows = new RowCollector(opened);
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, itemCount);
    const count = (kernels.listPositions(layout, first, end, regions.drawPositions) - regions.drawPositions) / 4;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    rows.take(count);
  }
  rows.takeChanged();
  return rows;
}

/** The largest of the scores. */
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
