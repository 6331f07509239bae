import { grouped, table } from "../page.ts";

/** The contents of bench/results/bitmap-bars.json. */
export interface BitmapBarsResult {
  readonly node: string;
  readonly queries: number;
  readonly temperatures: readonly number[];
  readonly layers: readonly LayerBars[];
}

/** The default answers of one output layer. */
export interface LayerBars {
  readonly name: string;
  readonly itemCount: number;
  readonly bitmaps: readonly BitmapBars[];
}

/** The answers under bitmaps or filters of one kind. */
export interface BitmapBars {
  readonly left: string;
  readonly answers: number;
  readonly flagged: number;
  /** Answers that scored every class that is left. */
  readonly exact: number;
  /** The share of the other trusted answers within ± 1.96 bars, at all temperatures, and at the one where it is lowest. Null without any. */
  readonly coverage: number | null;
  readonly lowest: number | null;
  /** The largest error of a trusted answer, in nats. */
  readonly worstError: number;
}

const percent = (share: number | null): string => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

/** Returns the coverage of error bars by output layer and bitmap or filter, as Markdown. */
export const bitmapBarsTable = ({ layers, queries, temperatures, node }: BitmapBarsResult): string =>
  [
    `Default answers of plain builds to ${queries} queries at T = ${temperatures.join(", ")}, Node ${node}, with another bitmap or filter for each query. The groups are eight sets of similar rows, which a filter of a column leaves. "Flagged" and "exact" are shares of all answers. Coverage is that of the others, and "lowest" that at the worst temperature.`,
    table(
      ["output layer", "classes that are left", "flagged", "exact", "coverage", "lowest", "largest error"],
      2,
      grouped(
        layers.flatMap(({ name, itemCount, bitmaps }) =>
          bitmaps.map(({ left, answers, flagged, exact, coverage, lowest, worstError }) => [
            `${name}, ${itemCount.toLocaleString("en")}`,
            left,
            percent(flagged / answers),
            percent(exact / answers),
            percent(coverage),
            percent(lowest),
            worstError.toFixed(2),
          ]),
        ),
      ),
    ),
  ].join("\n\n");
