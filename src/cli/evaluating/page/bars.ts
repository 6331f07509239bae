import { barX, text } from "@observablehq/plot";
import { COLOURS, figure, WIDTH } from "./figure.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The text of the value, at the end of the bar. */
  readonly written: string;
  readonly tone: "midx" | "other" | "exact";
}

/** Bars to compare with each other, under an optional heading. */
export interface BarGroup {
  readonly heading?: string;
  readonly bars: readonly Bar[];
}

const LABEL_WIDTH = 104;
const VALUE_WIDTH = 76;
const ROW = 24;
/** The length of a bar for 0, which keeps it visible. */
const LEAST_LENGTH = 1.5 / (WIDTH - LABEL_WIDTH - VALUE_WIDTH);

/** Draws horizontal bars from 0 to `most`, with one row for each bar and each heading. */
export function barFigure(label: string, groups: readonly BarGroup[], most: number): string {
  const rows = groups.flatMap(({ heading, bars }): (string | Bar)[] => [...(heading ? [heading] : []), ...bars]);
  const headings = rows.flatMap((row, y) => (typeof row === "string" ? [{ y, heading: row }] : []));
  const bars = rows.flatMap((row, y) => (typeof row === "string" ? [] : [{ ...row, y }]));
  const length = ({ value }: Bar): number =>
    most > 0 ? Math.max(LEAST_LENGTH, Math.min(1, value / most)) : LEAST_LENGTH;
  return figure(label, {
    height: rows.length * ROW + 8,
    marginLeft: LABEL_WIDTH,
    marginRight: VALUE_WIDTH,
    marginTop: 4,
    marginBottom: 4,
    x: { axis: null, domain: [0, 1] },
    y: { axis: null, type: "band", domain: rows.map((_, y) => y), paddingInner: 0.375, paddingOuter: 0.1875 },
    marks: [
      barX(bars, { y: "y", x1: 0, x2: 1, rx: 2, fill: COLOURS.track }),
      barX(bars, { y: "y", x1: 0, x2: length, rx: 2, fill: ({ tone }: Bar) => COLOURS[tone] }),
      text(bars, { y: "y", text: "label", frameAnchor: "left", textAnchor: "end", dx: -8, fill: COLOURS.quiet }),
      text(bars, {
        y: "y",
        text: "written",
        frameAnchor: "right",
        textAnchor: "end",
        dx: VALUE_WIDTH,
        fill: COLOURS.ink,
      }),
      text(headings, {
        y: "y",
        text: "heading",
        frameAnchor: "left",
        textAnchor: "start",
        dx: -LABEL_WIDTH,
        fill: COLOURS.ink,
        fontWeight: 600,
      }),
    ],
  });
}
