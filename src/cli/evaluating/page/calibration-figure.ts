import type { CalibrationBand } from "../../../train/index.ts";
import { circle, line, svg, text, WIDTH } from "./svg.ts";

const HEIGHT = 270;
const [LEFT, RIGHT, TOP, BOTTOM] = [62, WIDTH - 24, 12, HEIGHT - 44];
const DECADES = 5;
/** What is rarer is drawn as this. */
const LEAST = 10 ** -DECADES;

/** Mean exact against mean predicted probability, both on scales of powers of ten: right is the diagonal. */
export function calibrationFigure(label: string, bands: readonly CalibrationBand[]): string {
  const share = (probability: number): number => 1 + Math.log10(Math.min(1, Math.max(LEAST, probability))) / DECADES;
  const x = (probability: number): number => LEFT + share(probability) * (RIGHT - LEFT);
  const y = (probability: number): number => BOTTOM - share(probability) * (BOTTOM - TOP);
  const ticks = Array.from({ length: DECADES + 1 }, (_, i) => 10 ** (i - DECADES));
  return svg(HEIGHT, label, [
    ...ticks.flatMap((tick) => [
      line(x(tick), TOP, x(tick), BOTTOM, "grid"),
      line(LEFT, y(tick), RIGHT, y(tick), "grid"),
      text(x(tick), BOTTOM + 16, tickText(tick), "middle"),
      text(LEFT - 8, y(tick) + 4, tickText(tick), "end"),
    ]),
    line(x(LEAST), y(LEAST), x(1), y(1), "mark"),
    ...bands.map(({ meanPredicted, meanExact }) => circle(x(meanPredicted), y(meanExact), 4.5, "midx dot")),
    text((LEFT + RIGHT) / 2, HEIGHT - 6, "predicted probability", "middle"),
    text(LEFT + 6, TOP + 14, "exact"),
  ]);
}

const tickText = (tick: number): string =>
  tick >= 0.01 ? `${100 * tick} %` : `${Number((100 * tick).toPrecision(1))} %`;
