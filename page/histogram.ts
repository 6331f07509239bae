import uPlot from "uplot";
import { type ColourName, colour } from "./colours.ts";
import { fittedPlot, quietAxis } from "./fitted-plot.ts";
import { percent } from "./numbers.ts";

const TICKS = [1, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01, 0.001];
/** Pixels between two ticks at least. */
const TICK_SPACE = 16;
const LABEL_LENGTH = 11;

/** Bars of an estimate in the outlines of the exact shares, on a square-root scale. */
export class Histogram {
  private readonly plot: uPlot;
  private labels: readonly string[] = [];
  private exact: Float64Array = new Float64Array(1);
  private top = 1;

  constructor(container: HTMLElement, name: ColourName) {
    const bars = uPlot.paths.bars as NonNullable<typeof uPlot.paths.bars>;
    const fillTo = (): number => 0;
    this.plot = fittedPlot(
      container,
      {
        padding: [12, 8, 0, 0],
        scales: {
          x: { time: false, range: () => [-0.7, this.exact.length - 0.3] },
          y: { distr: 100, fwd: Math.sqrt, bwd: (root) => root * root, range: () => [0, this.top] },
        },
        axes: [
          quietAxis({
            size: 82,
            gap: 6,
            rotate: -90,
            grid: { show: false },
            splits: () => Array.from(this.exact.keys()),
            values: (_, bar) => bar.map((i) => shortened(this.labels[i] ?? "")),
          }),
          quietAxis({
            size: 44,
            splits: ({ bbox }) => spreadTicks(this.top, bbox.height / devicePixelRatio),
            values: (_, ticks) => ticks.map((tick) => `${Number(percent(tick))} %`),
          }),
        ],
        series: [
          {},
          {
            fill: () => colour(name),
            paths: bars({ size: [0.62, 60] }),
            width: 0,
            points: { show: false },
            fillTo,
          },
          {
            stroke: () => colour("ink"),
            paths: bars({ size: [0.86, 80] }),
            width: 1.25,
            points: { show: false },
            fillTo,
          },
        ],
      },
      [[0], [0], [0]],
    );
  }

  /** Other bars, empty so far. */
  name(labels: readonly string[], exact: Float64Array): void {
    this.labels = labels;
    this.exact = exact;
    this.top = Math.min(1, 1.35 * exact.reduce((a, b) => Math.max(a, b)));
    this.show(new Float64Array(exact.length));
  }

  show(shares: Float64Array): void {
    this.plot.setData([Array.from(this.exact.keys()), Array.from(shares), Array.from(this.exact)]);
  }
}

/** Ticks that are far enough from each other: 0, and others from the top down. */
function spreadTicks(top: number, height: number): number[] {
  const kept = [0];
  let above = Number.POSITIVE_INFINITY;
  for (const tick of TICKS.filter((value) => value <= top)) {
    const place = height * Math.sqrt(tick / top);
    if (place < TICK_SPACE || above - place < TICK_SPACE) continue;
    kept.push(tick);
    above = place;
  }
  return kept.reverse();
}

const shortened = (label: string): string =>
  label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label;
