import { rectY, ruleX, ruleY, text } from "@observablehq/plot";
import { digits } from "../numbers.ts";
import { COLOURS, figure } from "./figure.ts";

const BINS = 31;
/** The share of the errors on each side that lies beyond the scale. The outermost bars count them. */
const OUTLIERS = 0.01;
/** The smallest half-width of the scale, for errors that are only rounding. */
const LEAST_REACH = 1e-5;

/** Draws a histogram of errors around 0. `errors` are in ascending order. */
export function errorHistogram(label: string, errors: readonly number[]): string {
  const from = (share: number): number => errors[Math.floor(share * (errors.length - 1))] ?? 0;
  const reach = Math.max(Math.abs(from(OUTLIERS)), Math.abs(from(1 - OUTLIERS)), LEAST_REACH);
  const bins = Array.from({ length: BINS }, (_, i) => ({
    from: (2 * i) / BINS - 1,
    to: (2 * i + 2) / BINS - 1,
    count: 0,
  }));
  for (const error of errors) {
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.floor(((error / reach + 1) / 2) * BINS)))];
    if (bin) bin.count++;
  }
  const ticks = [-1, -0.5, 0, 0.5, 1].map((share) => ({
    share,
    words: share === 0 ? "0" : `${share > 0 ? "+" : "−"}${digits(Math.abs(share) * reach)}`,
  }));
  const below = { frameAnchor: "bottom", lineAnchor: "top", fill: COLOURS.quiet } as const;
  const anchored = (anchor: "start" | "middle" | "end") =>
    text(
      ticks.filter(({ share }) => anchor === (share === -1 ? "start" : share === 1 ? "end" : "middle")),
      { ...below, x: "share", text: "words", textAnchor: anchor, dy: 6 },
    );
  return figure(label, {
    height: 170,
    marginLeft: 10,
    marginRight: 10,
    marginTop: 12,
    marginBottom: 36,
    x: { axis: null, domain: [-1, 1] },
    y: { axis: null, domain: [0, Math.max(1, ...bins.map(({ count }) => count))] },
    marks: [
      ruleX([0], { stroke: COLOURS.exact, strokeDasharray: "4 3", insetTop: -6 }),
      rectY(bins, { x1: "from", x2: "to", y: "count", inset: 0.75, insetBottom: 0, rx: 1, fill: COLOURS.midx }),
      ruleY([0], { stroke: COLOURS.exact }),
      anchored("start"),
      anchored("middle"),
      anchored("end"),
      text(["too low"], { ...below, frameAnchor: "bottom-left", textAnchor: "start", dy: 20 }),
      text(["too high"], { ...below, frameAnchor: "bottom-right", textAnchor: "end", dy: 20 }),
    ],
  });
}
