import { axisX, axisY, dot, gridX, gridY, line, text } from "@observablehq/plot";
import type { CalibrationBand } from "../../../train/index.ts";
import { COLOURS, figure } from "./figure.ts";

const DECADES = 5;
/** The smallest probability of the scales. Smaller ones are drawn here. */
const LEAST = 10 ** -DECADES;
const TICKS = Array.from({ length: DECADES + 1 }, (_, i) => 10 ** (i - DECADES));

/**
 * Plots the mean exact against the mean predicted probability, on logarithmic scales. The diagonal is perfect calibration.
 */
export function calibrationFigure(label: string, bands: readonly CalibrationBand[]): string {
  const points = bands.map(({ meanPredicted, meanExact }) => [shown(meanPredicted), shown(meanExact)] as const);
  const axis = { ticks: TICKS, tickSize: 0, tickFormat: tickText, color: COLOURS.quiet };
  return figure(label, {
    height: 270,
    marginLeft: 62,
    marginRight: 24,
    marginTop: 12,
    marginBottom: 44,
    x: { type: "log", domain: [LEAST, 1] },
    y: { type: "log", domain: [LEAST, 1] },
    marks: [
      gridX({ ticks: TICKS, stroke: COLOURS.line, strokeOpacity: 1 }),
      gridY({ ticks: TICKS, stroke: COLOURS.line, strokeOpacity: 1 }),
      axisX({ ...axis, label: "predicted probability", labelAnchor: "center", labelArrow: "none" }),
      axisY({ ...axis, label: null }),
      line([[LEAST, LEAST] as const, [1, 1] as const], {
        stroke: COLOURS.exact,
        strokeWidth: 1,
        strokeDasharray: "4 3",
      }),
      dot(points, { r: 4.5, fill: COLOURS.midx, stroke: COLOURS.ground, strokeWidth: 1.5 }),
      text(["exact"], { frameAnchor: "top-left", dx: 6, dy: 5, fill: COLOURS.quiet }),
    ],
  });
}

const shown = (probability: number): number => Math.min(1, Math.max(LEAST, probability));

const tickText = (tick: number): string =>
  tick >= 0.01 ? `${100 * tick} %` : `${Number((100 * tick).toPrecision(1))} %`;
