import { type Origin, placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";

/** The contents of bench/results/part-tries.json. */
export interface PartTriesResult extends Origin {
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
  /** The time of the answers that were flagged at first, over that of their first questions. Absent if there are none. */
  readonly times?: number;
  /** The largest error of log Z of an answer without `lowEss`, in nats. */
  readonly largestError: number;
}

/** Times of a smaller share of the answers are of too few. */
const FEW = 0.05;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Returns how many answers are flagged before and after further questions, as Markdown. */
export const partTriesTable = ({ queries, temperatures, splits, ...origin }: PartTriesResult): string =>
  [
    `Default answers to ${queries} queries at T = ${temperatures.join(" and ")}, of plain builds without queries. "Flagged at first" are answers to the first question with \`lowEss\`, and "flagged" those that callers get. "Takes" is the time of the calls that were flagged at first, in units of their first question, where at least 5 % were. Measured on ${placeOf(origin)}. The last two columns are of the answers that are not flagged.`,
    table(
      ["output layer", "parts", "flagged at first", "flagged", "takes", "intervals hold", "largest error"],
      1,
      grouped(
        splits.map(({ head, itemCount, parts, flaggedAtFirst, flagged, covered, largestError, times }) => [
          `${head}, ${itemCount.toLocaleString("en")}`,
          String(parts),
          ...[flaggedAtFirst, flagged].map(percent),
          times === undefined || flaggedAtFirst < FEW ? "" : `${times.toFixed(1)} ×`,
          percent(covered),
          largestError.toFixed(2),
        ]),
      ),
    ),
  ].join("\n\n");
