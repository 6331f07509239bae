import type uPlot from "uplot";
import { type ColourName, colour } from "./colours.ts";
import { fittedPlot, quietAxis } from "./fitted-plot.ts";
import { count, percent } from "./numbers.ts";

/** Errors by number of draws, of a way to draw. */
export interface ErrorCurve {
  readonly colour: ColourName;
  /** Means over the runs, by number of draws. */
  readonly mean: Float64Array;
  /** Of the run that the histograms show, at the number of draws that they show. */
  readonly now: number;
}

/** Total variation against draws, both logarithmic: a line for each way to draw, a dot where the histograms are. */
export class ErrorPlot {
  private readonly plot: uPlot;
  private readonly draws: readonly number[];
  private curves: readonly ErrorCurve[] = [];
  private drawsNow = 1;

  constructor(container: HTMLElement, draws: readonly number[], colours: readonly ColourName[]) {
    this.draws = draws;
    this.plot = fittedPlot(
      container,
      {
        padding: [12, 26, 0, 0],
        scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
        axes: [
          logAxis({ label: "draws", labelSize: 22, size: 30 }, [1], count),
          logAxis({ size: 60 }, [1, 2, 5], (value) => `${Number(percent(value))} %`),
        ],
        series: [{}, ...colours.map((name) => ({ stroke: () => colour(name), width: 2.25, points: { show: false } }))],
        hooks: { draw: [(plot) => this.drawNow(plot)] },
      },
      [[...draws], ...colours.map(() => draws.map(() => null))],
    );
  }

  /** @param drawsNow where the histograms are */
  show(curves: readonly ErrorCurve[], drawsNow: number): void {
    this.curves = curves;
    this.drawsNow = drawsNow;
    this.plot.setData([[...this.draws], ...curves.map(({ mean }) => Array.from(mean, positive))]);
  }

  private drawNow(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const x = plot.valToPos(this.drawsNow, "x", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top - 8, bbox.width + 16, bbox.height + 8);
    ctx.clip();
    ctx.strokeStyle = colour("quiet");
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    for (const { colour: name, now } of this.curves.filter(({ now }) => now > 0)) {
      ctx.beginPath();
      ctx.arc(x, plot.valToPos(now, "y", true), 5 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fillStyle = colour(name);
      ctx.strokeStyle = colour("ground");
      ctx.lineWidth = 2 * devicePixelRatio;
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  }
}

/** What a logarithmic scale has no place for is left out. */
const positive = (value: number): number | null => (value > 0 ? value : null);

/** An axis with lines and labels where the first digit is one of these, and nowhere else. */
function logAxis(axis: uPlot.Axis, firstDigits: readonly number[], text: (value: number) => string): uPlot.Axis {
  const filter: uPlot.Axis.Filter = (_, ticks) =>
    ticks.map((tick) => (firstDigits.includes(Number(tick.toExponential(6)[0])) && isOneDigit(tick) ? tick : null));
  return quietAxis({
    ...axis,
    filter,
    grid: { stroke: () => colour("line"), width: 1, filter },
    values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : text(tick))),
  });
}

const isOneDigit = (value: number): boolean => Number(value.toExponential(0)) === Number(value.toExponential(6));
