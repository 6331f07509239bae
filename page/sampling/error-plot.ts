import { axisX, axisY, dot, gridX, gridY, line, ruleX } from "@observablehq/plot";
import { type ColourName, colour } from "../colours.ts";
import { count, percent } from "../numbers.ts";
import { fittedPlot, QUIET_AXIS, QUIET_GRID } from "./fitted-plot.ts";

/** The errors of a method by number of draws. */
export interface ErrorCurve {
  readonly colour: ColourName;
  /** The means over the runs, by number of draws. */
  readonly errors: Float64Array;
  /** The error of the run in the histograms, at the current number of draws. */
  readonly now: number;
}

/** Plots total variation against draws, on logarithmic scales: a line per method, and a dot for the histograms. */
export class ErrorPlot {
  private readonly draw: () => void;
  private curves: readonly ErrorCurve[] = [];
  private drawsNow = 1;

  constructor(container: HTMLElement, draws: readonly number[]) {
    const [least = 1, most = 1] = [draws[0], draws.at(-1)];
    const powers = roundNumbers(least, most, [1]);
    this.draw = fittedPlot(container, () => {
      const points = this.curves.flatMap(({ colour: name, errors }) =>
        draws.map((x, i) => ({ x, error: positive(errors[i]), stroke: colour(name) })),
      );
      const shown = points.flatMap(({ error }) => (error === undefined ? [] : [error]));
      const ticks = roundNumbers(Math.min(0.1, ...shown), Math.max(1, ...shown), [1, 2, 5]);
      const dots = this.curves.filter(({ now }) => now > 0);
      return {
        marginTop: 12,
        marginRight: 26,
        marginBottom: 52,
        marginLeft: 60,
        x: { type: "log", domain: [least, most] },
        y: { type: "log", domain: [ticks[0] ?? 0.1, ticks.at(-1) ?? 1] },
        marks: [
          gridX(powers, QUIET_GRID),
          gridY(ticks, QUIET_GRID),
          axisX(powers, {
            ...QUIET_AXIS,
            text: count,
            label: "draws",
            labelAnchor: "center",
            labelArrow: "none",
          }),
          axisY(ticks, { ...QUIET_AXIS, text: (error: number) => `${Number(percent(error))} %` }),
          line(points, { x: "x", y: "error", z: "stroke", stroke: "stroke", strokeWidth: 2.25 }),
          ruleX([this.drawsNow], { stroke: colour("quiet") }),
          dot(dots, {
            x: () => this.drawsNow,
            y: "now",
            r: 5,
            strokeWidth: 2,
            fill: (curve: ErrorCurve) => colour(curve.colour),
            stroke: colour("ground"),
          }),
        ],
      };
    });
  }

  /** @param drawsNow the number of draws in the histograms */
  show(curves: readonly ErrorCurve[], drawsNow: number): void {
    this.curves = curves;
    this.drawsNow = drawsNow;
    this.draw();
  }
}

/** Leaves out values that a logarithmic scale can't show. */
const positive = (value = 0): number | undefined => (value > 0 ? value : undefined);

/** Returns numbers of one of these digits and zeros, from the last one ≤ `least` to the first one ≥ `most`. */
function roundNumbers(least: number, most: number, digits: readonly number[]): number[] {
  const powers = Array.from({ length: 25 }, (_, i) => i - 12);
  const all = powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)));
  const from = all.findLastIndex((value) => value <= least);
  const to = all.findIndex((value) => value >= most);
  return all.slice(from, to + 1);
}
