import { grouped, table } from "../page.ts";

/** The contents of bench/results/part-tries.json. */
export interface PartTriesResult {
  readonly queries: number;
  readonly temperatures: readonly number[];
  readonly splits: readonly SplitTries[];
}

/** The default answers of the parts of an output layer. */
export interface SplitTries {
  readonly head: string;
  readonly itemCount: number;
  readonly parts: number;
  /** The share of flagged answers to the first question, and of those that callers get. */
  readonly flaggedAtFirst: number;
  readonly flagged: number;
  /** The share of these answers without `lowEss` whose intervals of ± 1.96 standard errors contain log Z. */
  readonly covered: number;
  /** The largest error of log Z of an answer without `lowEss`, in nats. */
  readonly largestError: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Returns how many answers are flagged before and after the second question, as Markdown. */
export const partTriesTable = ({ queries, temperatures, splits }: PartTriesResult): string =>
  [
    `Default answers to ${queries} queries at T = ${temperatures.join(" and ")}, of plain builds without queries. "Flagged at first" are answers to the first question with \`lowEss\`, and "flagged" those that callers get. The other columns are of those that are not flagged.`,
    table(
      ["output layer", "parts", "flagged at first", "flagged", "intervals hold", "largest error"],
      1,
      grouped(
        splits.map(({ head, itemCount, parts, flaggedAtFirst, flagged, covered, largestError }) => [
          `${head}, ${itemCount.toLocaleString("en")}`,
          String(parts),
          ...[flaggedAtFirst, flagged, covered].map(percent),
          largestError.toFixed(2),
        ]),
      ),
    ),
  ].join("\n\n");
