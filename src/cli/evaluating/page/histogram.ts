import { digits } from "../numbers.ts";
import { line, rectangle, svg, text, WIDTH } from "./svg.ts";

const BINS = 31;
const HEIGHT = 170;
const FLOOR = 138;
const CEILING = 12;
/** Of the errors, the share that is looked at from each side: what lies beyond stands in the outermost bars. */
const OUTLIERS = 0.01;
/** Where nothing is off by more than rounding there is nothing to spread out. */
const LEAST_REACH = 1e-5;

/** How often an error has which size, around 0; `errors` ascend. */
export function errorHistogram(label: string, errors: readonly number[]): string {
  const from = (share: number): number => errors[Math.floor(share * (errors.length - 1))] ?? 0;
  const reach = Math.max(Math.abs(from(OUTLIERS)), Math.abs(from(1 - OUTLIERS)), LEAST_REACH);
  const counts = new Array<number>(BINS).fill(0);
  for (const error of errors) {
    const bin = Math.floor(((error / reach + 1) / 2) * BINS);
    const kept = Math.min(BINS - 1, Math.max(0, bin));
    counts[kept] = (counts[kept] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  const [left, width] = [10, WIDTH - 20];
  const bars = counts.map((count, bin) => {
    const height = (count / most) * (FLOOR - CEILING);
    return rectangle(left + (bin * width) / BINS + 0.75, FLOOR - height, width / BINS - 1.5, height, "midx", 1);
  });
  return svg(HEIGHT, label, [
    line(left + width / 2, CEILING - 6, left + width / 2, FLOOR, "mark"),
    ...bars,
    line(left, FLOOR, left + width, FLOOR, "axis"),
    ...[-1, -0.5, 0, 0.5, 1].map((share) =>
      text(
        left + ((share + 1) / 2) * width,
        FLOOR + 16,
        share === 0 ? "0" : `${share > 0 ? "+" : "−"}${digits(Math.abs(share) * reach)}`,
        share === -1 ? "start" : share === 1 ? "end" : "middle",
      ),
    ),
    text(left, FLOOR + 30, "too low"),
    text(left + width, FLOOR + 30, "too high", "end"),
  ]);
}
