import { matching, oneOf, optional, type ReadFact } from "./metadata.ts";
import { type VersionedSection, versionedSection } from "./section.ts";

/** Facts about what the build used and measured. No answer depends on them. */
export interface ReportFacts {
  /** The weights of rows in k-means; absent if the file was built as one of format 1, which does not say. */
  readonly weights?: RowWeights;
  /**
   * The queries that the recall curves were measured on: "queries" that were given, or "stand-ins" that the build made;
   * "none" if there are no curves.
   */
  readonly recallQueries: "queries" | "stand-ins" | "none";
  /** recall@10 of the stored rows against the original rows, to six decimals; absent if the build did not measure it. */
  readonly rowRecall?: number;
}

/** The weights of rows in k-means: `"counts"`, their square roots; `"bias"`, e^(bias / 4); `"none"`, all rows the same. */
export type RowWeights = "counts" | "bias" | "none";

const DECIMALS = 6;
/** The one form of a share. All shares have the same length, so that one can be written over another in a file. */
const readShare = matching(/^(0\.\d{6}|1\.000000)$/);
const share: ReadFact<number> = Object.assign((...given: Parameters<typeof readShare>) => Number(readShare(...given)), {
  text: (value: number) => value.toFixed(DECIMALS),
});

/** A reader that does not know the section ignores it. */
export const REPORT: VersionedSection<ReportFacts> = versionedSection<ReportFacts>(1, "ignore", {
  weights: optional(oneOf<RowWeights>("counts", "bias", "none")),
  recallQueries: oneOf("queries", "stand-ins", "none"),
  rowRecall: optional(share),
});
