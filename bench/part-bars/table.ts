import { table } from "../page.ts";

/** The contents of bench/results/part-bars.json. */
export interface PartBarsResult {
  readonly head: string;
  readonly contexts: number;
  readonly temperatures: readonly number[];
  readonly scan: number;
  readonly draws: number;
  readonly splits: readonly SplitBars[];
}

/** How often intervals of ± 1.96 standard errors contain log Z, of answers without `lowEss`. */
export interface SplitBars {
  readonly parts: number;
  /** Shares of the merged answers, and of the answers of each part, which have a log Z of their own. */
  readonly merged: number;
  readonly eachPart: number;
  /** The share of the merged answers that have no `lowEss`. */
  readonly trusted: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Returns how often intervals hold by the number of parts, as Markdown. */
export const partBarsTable = ({ head, contexts, temperatures, scan, draws, splits }: PartBarsResult): string =>
  [
    `How often intervals of ± 1.96 standard errors contain log Z: on ${head}, for ${contexts.toLocaleString("en")} contexts at the temperatures ${temperatures.join(" and ")}, with \`scan\` ${scan.toLocaleString("en")} and \`draws\` ${draws} for all parts together. "Each part" counts how often the interval of a part contains its own log Z. Answers with \`lowEss\` count in neither column; "trusted" is the share of merged answers without it.`,
    table(
      ["parts", "merged", "each part", "trusted"],
      0,
      splits.map(({ parts, merged, eachPart, trusted }) => [
        String(parts),
        ...[merged, eachPart, trusted].map(percent),
      ]),
    ),
  ].join("\n\n");
