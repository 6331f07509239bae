import { BLOCK_ROWS } from "../../abi.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";

/**
 * Computes the exact log Z of the query in place at each of `temperatures`, over the classes that are not filtered out. The
 * scores are read once for all temperatures, O(N·D). Masses of blocks are added in f64; those within a block of 1,024 in
 * f32, which changes log Z by less than 1e-5, a fiftieth of the smallest error bar.
 */
export function exactLogPartitions(opened: OpenedIndex, temperatures: readonly number[]): Float64Array {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { itemCount } = header.facts;
  const sums = temperatures.map((temperature) => new LogSum(opened, Math.fround(1 / temperature)));
  const scores = new Float32Array(kernels.memory.buffer, regions.drawScores, BLOCK_ROWS);
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, itemCount);
    const count = (kernels.listPositions(layout, first, end, regions.drawPositions) - regions.drawPositions) / 4;
    if (count === 0) continue;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    const padded = Math.ceil(count / 4) * 4;
    scores.fill(Number.NEGATIVE_INFINITY, count, padded);
    const top = kernels.maxOf(regions.drawScores, count);
    for (const sum of sums) sum.add(top, padded);
  }
  return Float64Array.from(sums, ({ value }) => value);
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
  add(top: number, count: number): void {
    const { kernels, plan } = this.opened;
    const { drawScores, drawLogQ } = plan.regions;
    const mass = kernels.expInto(drawScores, count, top, this.inverseTemperature, drawLogQ);
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
