import { axisX, axisY, barY, gridY } from "@observablehq/plot";
import { type ColourName, colour } from "../colours.ts";
import { percent } from "../numbers.ts";
import { fittedPlot, QUIET_AXIS, QUIET_GRID } from "./fitted-plot.ts";

const TICKS = [1, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01, 0.001];
/** The smallest distance between two ticks, in pixels. */
const TICK_SPACE = 16;
const LABEL_LENGTH = 11;
const MARGINS = { marginTop: 12, marginRight: 8, marginBottom: 82, marginLeft: 44 };

/** Shows the bars of an estimate within the outlines of the exact shares, on a square-root scale. */
export class Histogram {
  private readonly draw: () => void;
  private labels: readonly string[] = [];
  private exact = new Float64Array(1);
  private shares = new Float64Array(1);
  private top = 1;

  constructor(container: HTMLElement, name: ColourName) {
    this.draw = fittedPlot(container, ({ width, height }) => {
      const bars = Array.from(this.exact, (exact, i) => ({ i, exact, share: Math.min(this.top, this.shares[i] ?? 0) }));
      const ticks = spreadTicks(this.top, height - MARGINS.marginTop - MARGINS.marginBottom);
      const room = (width - MARGINS.marginLeft - MARGINS.marginRight) / bars.length;
      const inset = (share: number): number => Math.max(0, (room * (1 - share)) / 2);
      return {
        ...MARGINS,
        x: { type: "band", domain: bars.map(({ i }) => i), padding: 0 },
        y: { type: "sqrt", domain: [0, this.top] },
        marks: [
          gridY(ticks, QUIET_GRID),
          axisY(ticks, { ...QUIET_AXIS, text: (tick: number) => `${Number(percent(tick))} %` }),
          axisX({ ...QUIET_AXIS, tickFormat: (i: number) => shortened(this.labels[i] ?? ""), tickRotate: 90 }),
          barY(bars, { x: "i", y: "share", ...sides(inset(0.62)), fill: colour(name) }),
          barY(bars, {
            x: "i",
            y: "exact",
            ...sides(inset(0.86)),
            fill: "none",
            stroke: colour("ink"),
            strokeWidth: 1.25,
          }),
        ],
      };
    });
  }

  /** Sets new bars, which are empty at first. */
  name(labels: readonly string[], exact: Float64Array): void {
    this.labels = labels;
    this.exact = Float64Array.from(exact);
    this.top = Math.min(1, 1.35 * exact.reduce((a, b) => Math.max(a, b)));
    this.show(new Float64Array(exact.length));
  }

  show(shares: Float64Array): void {
    this.shares = Float64Array.from(shares);
    this.draw();
  }
}

const sides = (inset: number) => ({ insetLeft: inset, insetRight: inset });

/** Returns ticks that are far enough apart: 0, and others from the top down. */
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
