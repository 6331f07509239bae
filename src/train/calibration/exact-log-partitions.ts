import { BLOCK_ROWS, scoreRows } from "../../answers/row-blocks.ts";
import type { VisitScores } from "../../memory/batch-reader.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";

/**
 * Computes the exact log Z of `count` queries at each of `temperatures`, over the classes that are not filtered out.
 * `place` puts the query of a row in place. The scores are read once for all temperatures, O(N·D) for a query. Masses of
 * blocks are added in f64; those within a block of 1,024 in f32, which changes log Z by less than 1e-5, a fiftieth of the
 * smallest error bar.
 */
export function exactLogPartitions(
  opened: OpenedIndex,
  count: number,
  place: (row: number) => void,
  temperatures: readonly number[],
): Float64Array[] {
  const sums = Array.from({ length: count }, () =>
    temperatures.map((temperature) => new LogSum(opened, Math.fround(1 / temperature))),
  );
  const visitOf = (row: number): VisitScores => addTo(opened, sums[row] as LogSum[]);
  if (opened.batches) opened.batches.visit(count, place, visitOf);
  else visitAlone(opened, count, place, visitOf);
  return sums.map((of) => Float64Array.from(of, ({ value }) => value));
}

/** Returns a function that adds a block of scores to sums. */
function addTo({ kernels }: OpenedIndex, sums: readonly LogSum[]): VisitScores {
  return (scores, count) => {
    if (count === 0) return;
    const top = kernels.maxOf(scores, count);
    for (const sum of sums) sum.add(scores, top, Math.ceil(count / 4) * 4);
  };
}

/** Shows the scores of all rows for one query after the other. */
function visitAlone(
  opened: OpenedIndex,
  queries: number,
  place: (row: number) => void,
  visitOf: (row: number) => VisitScores,
): void {
  const { kernels, header } = opened;
  const { regions } = opened.plan;
  const blocks = Math.ceil(header.facts.itemCount / BLOCK_ROWS);
  const scores = new Float32Array(kernels.memory.buffer, regions.drawScores, BLOCK_ROWS);
  for (let row = 0; row < queries; row++) {
    place(row);
    const visit = visitOf(row);
    for (let block = 0; block < blocks; block++) {
      const count = scoreRows(opened, block);
      scores.fill(Number.NEGATIVE_INFINITY, count, Math.ceil(count / 4) * 4);
      visit(regions.drawScores, count);
    }
  }
}

/** The logarithm of a sum of blocks of masses. */
class LogSum {
  private readonly opened: OpenedIndex;
  private readonly inverseTemperature: number;
  private shift = Number.NEGATIVE_INFINITY;
  private sum = 0;

  constructor(opened: OpenedIndex, inverseTemperature: number) {
    this.opened = opened;
    this.inverseTemperature = inverseTemperature;
  }

  /** Adds `count` scores, which are at most `top`. The weights overwrite the log Q of draws, which nothing needs here. */
  add(scores: number, top: number, count: number): void {
    const { kernels, plan } = this.opened;
    const mass = kernels.expInto(scores, count, top, this.inverseTemperature, plan.regions.drawLogQ);
    const shift = top * this.inverseTemperature;
    if (shift > this.shift) {
      this.sum *= this.sum > 0 ? kernels.exp64(this.shift - shift) : 0;
      this.shift = shift;
    }
    this.sum += mass * kernels.exp64(shift - this.shift);
  }

  get value(): number {
    return this.sum > 0 ? this.shift + this.opened.kernels.log64(this.sum) : Number.NEGATIVE_INFINITY;
  }
}
