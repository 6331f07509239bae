import { rectangle, svg, text, WIDTH } from "./svg.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is written at its end. */
  readonly written: string;
  readonly tone: "midx" | "other" | "exact";
}

/** Bars that are compared with each other. */
export interface BarGroup {
  readonly heading?: string;
  readonly bars: readonly Bar[];
}

const LABEL_WIDTH = 104;
const VALUE_WIDTH = 76;
const ROW = 24;
const HEADING = 22;

/** Horizontal bars from 0 to `most`. */
export function barFigure(label: string, groups: readonly BarGroup[], most: number): string {
  const parts: string[] = [];
  let y = 4;
  for (const { heading, bars } of groups) {
    if (heading !== undefined) {
      parts.push(text(0, y + 14, heading, "start", "strong"));
      y += HEADING;
    }
    for (const { label: name, value, written, tone } of bars) {
      const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
      const length = most > 0 ? Math.min(room, (value / most) * room) : 0;
      parts.push(
        text(LABEL_WIDTH - 8, y + 15, name, "end"),
        rectangle(LABEL_WIDTH, y + 4, room, 15, "track"),
        rectangle(LABEL_WIDTH, y + 4, Math.max(length, 1.5), 15, tone),
        text(WIDTH, y + 15, written, "end", "ink"),
      );
      y += ROW;
    }
    y += 4;
  }
  return svg(y, label, parts);
}
