import { AfterScan } from "../../answers/block-scan.ts";
import { padded, scanForTop } from "../../answers/full-scan.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";
import type { VisitRows } from "../../memory/rows-ahead.ts";

/**
 * Computes the exact log Z of the query in place at each of `temperatures`, over the classes that are not filtered out. The
 * scores are read once for all temperatures, O(N·D). Masses of blocks are added in f64; those within a block of 1,024 in
 * f32, which changes log Z by less than 1e-5, a fiftieth of the smallest error bar.
 */
export function exactLogPartitions(opened: OpenedIndex, temperatures: readonly number[]): AfterScan<Float64Array> {
  const { kernels } = opened;
  const sums = temperatures.map((temperature) => new LogSum(opened, Math.fround(1 / temperature)));
  const visit: VisitRows = (_, scores, count) => {
    if (count === 0) return;
    const top = kernels.maxOf(scores, count);
    for (const sum of sums) sum.add(scores, top, padded(count));
  };
  return new AfterScan({ k: 0, masses: "none", visit }, (later) => {
    scanForTop(later, 0, visit);
    return Float64Array.from(sums, ({ value }) => value);
  });
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

  /** Adds `count` scores at an address, which are at most `top`. The weights overwrite the log Q of draws, which nothing needs here. */
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
