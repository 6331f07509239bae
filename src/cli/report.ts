import type { FileInfo, IndexInfo } from "../info.ts";
import type { BuildReport, Quality } from "../train/index.ts";
import type { HeldOut } from "./held-out.ts";
import { factLines } from "./table.ts";

/** What `build` made and how good it is. */
export interface BuiltIndex {
  readonly output: string;
  readonly info: FileInfo | IndexInfo;
  readonly report: BuildReport;
  /** Absent: not measured. */
  readonly quality?: Quality;
  readonly origin?: HeldOut["origin"];
  /** Rows that were left out; absent where invalid ones are refused. */
  readonly dropped?: number;
  /** MiB of memory that would have been enough to measure the recall of the fine codes; absent where it was, or is not. */
  readonly recallTakes?: number;
}

export function reportLines({ output, info, report, quality, origin, dropped }: BuiltIndex): string[] {
  const { factory, itemCount, dim, metric, hasBias, fileBytes, contentId, bucketCount, largestBucket } = info;
  const made = factLines([
    ["wrote", output],
    ...(dropped === undefined
      ? []
      : [["left out", `${dropped} rows with values that are not finite or too large`] as const]),
    ["index", `${factory}, ${itemCount} × ${dim}, ${metric}${hasBias ? ", with bias" : ""}`],
    ["bytes", `${fileBytes}, ${report.bytesPerRow.toFixed(1)} a row`],
    ["buckets", `${bucketCount}, ${largestBucket} classes in the largest`],
    ["row error", `${percent(report.rowError)} of the rows' norm lost by storing them as ${info.rows}`],
    ["residual share", `${percent(report.residualShare)} of the rows' norm not in their codewords`],
    ["content id", contentId],
  ]);
  if (quality === undefined || quality.queryCount === 0) return made;
  const source = origin === "file" ? "held-out queries" : "rows as queries";
  const measured = factLines([
    ["recall@10", quality.recallAt10.toFixed(4)],
    ["KL(P‖Q)", `${quality.klDivergence.toFixed(5)} nats`],
    ["effective sample size", `${quality.effectiveSampleShare.toFixed(4)} a draw`],
    [
      "log-partition error",
      `${quality.logPartitionErrorP90.toFixed(5)} at the 90th percentile, ${quality.draws} draws`,
    ],
  ]);
  return [
    ...made,
    "",
    `against the full softmax on ${quality.queryCount} ${source}, scan ${quality.scan}:`,
    ...measured,
  ];
}

export const unmeasuredLine = (mebibytes: number): string =>
  `the file has no recall curves: ${
    Number.isFinite(mebibytes)
      ? `to measure them takes --max-memory ${mebibytes}`
      : "no index so large can be opened here"
  }`;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
