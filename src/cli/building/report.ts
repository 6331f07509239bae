import { quoteName } from "../../bytes/strict-json.ts";
import type { FeatureFacts } from "../../format/features.ts";
import type { RowWeights } from "../../format/report.ts";
import type { FileInfo, IndexInfo } from "../../index/info.ts";
import type { BuildReport, Quality, RecallReport } from "../../train/index.ts";
import type { HeldOut } from "../arguments/held-out.ts";
import { recallText } from "../calibrating/recall-text.ts";
import { buildCalibrationFacts } from "../calibrating/report.ts";
import type { InputColumnNames } from "../inputs/table.ts";
import { fixed } from "../output/fixed.ts";
import { factLines, tableLines } from "../output/table.ts";
import { shellWord } from "../process/shell-word.ts";
import { shownPath } from "../remote/address.ts";
import { fitLines } from "./fit-report.ts";
import { tuningLines } from "./tune-report.ts";
import type { Tuning } from "./tuning.ts";

/** A build with its measurements and its time. */
export interface MeasuredBuild {
  readonly info: FileInfo | IndexInfo;
  readonly report: BuildReport;
  /** Absent if the index was not measured, as one of no rows. */
  readonly quality?: Quality;
  /** The properties that make the rows hard to index. Absent if the index was not measured. */
  readonly warnings?: readonly string[];
  /** The time of the build alone. Absent for builds on disk. */
  readonly seconds?: number;
}

/** The outcome of `build`. */
export interface BuiltIndex extends MeasuredBuild {
  readonly output: string;
  /** The build without the codebooks of the older index. Present with --compare. */
  readonly fromScratch?: MeasuredBuild;
  readonly origin?: HeldOut["origin"];
  /** The number of rows that were left out. Absent if invalid rows are refused. */
  readonly dropped?: number;
  /** A tensor of the file that may be the biases, if no option names one. */
  readonly unusedBias?: string;
  /** Keys of --metadata that no option declares. */
  readonly unusedKeys?: readonly string[];
  /** The columns of the file that are values, and those that are left out. Absent for a file of one matrix. */
  readonly inputColumns?: InputColumnNames;
  /** Whether the encoder was trained with other vectors of the classes than the embeddings. Absent if not. */
  readonly encoderIsOther?: boolean;
  /** Whether the file stores the vectors that a tied encoder reads, because its rows are others. Absent if not. */
  readonly encoderCopiesItems?: boolean;
  /** The structures that --tune tried, and the one it took. */
  readonly tuning?: Tuning;
  /** The --max-memory, in MiB, that measuring the recall of the fine codes needs. Present if there was too little. */
  readonly recallTakes?: number;
  /** The --max-memory, in MiB, that calibrating the error bars needs. Present if there was too little. */
  readonly calibrationTakes?: number;
  /** The --max-memory, in MiB, that comparing the index with the softmax needs. Present if there was too little. */
  readonly qualityTakes?: number;
}

/** `hasEncoder`: the stand-ins of the calibration are sequences that the model draws. */
export function reportLines(built: BuiltIndex, hasEncoder: boolean): string[] {
  const { output, info, report, quality, origin, dropped } = built;
  const { factory, itemCount, dim, metric, hasBias, fileBytes, contentId, bucketCount, largestBucket } = info;
  const made = factLines([
    ["wrote", output],
    ...(dropped === undefined
      ? []
      : [["left out", `${dropped} rows with values that are not finite or too large`] as const]),
    ...(isChosen(built.inputColumns) ? [["values", columnsText(built.inputColumns)] as const] : []),
    ["index", `${factory}, ${itemCount} × ${dim}, ${metric}${hasBias ? ", with bias" : ""}`],
    ...(info.features ? [["features", featuresText(info.features)] as const] : []),
    ["bytes", `${fileBytes}, ${report.bytesPerRow.toFixed(1)} per row`],
    ["buckets", `${bucketCount}, ${largestBucket} classes in the largest`],
    ...(report.outlierCount > 0
      ? [["outliers", `${report.outlierCount} classes far from every codeword, scored in every head`] as const]
      : []),
    ["weights", WEIGHTS_TEXT[report.weights]],
    ["row error", `${percent(report.rowError)} of the rows' norm, lost by storing them as ${info.rowType}`],
    ["residual share", `${percent(report.residualShare)} of the rows' norm, left over by their codewords`],
    ...(report.recall ? recallFacts(report.recall) : []),
    ...(report.calibration ? buildCalibrationFacts(report.calibration, hasEncoder) : uncalibratedFacts(built)),
    ...(report.moves ? [["moved", movesText(report.moves, built)] as const] : []),
    ["content id", contentId],
  ]);
  const fitted = [
    ...(report.fit ? ["", ...fitLines(report.fit)] : []),
    ...(built.tuning ? ["", ...tuningLines(built.tuning)] : []),
  ];
  if (built.qualityTakes !== undefined) return [...made, "", ...qualityLines(built)];
  if (quality === undefined) return [...made, ...fitted];
  const source = origin === "file" ? "held-out queries" : "rows as queries";
  const measured = factLines([
    ["recall@10", quality.recallAt10.toFixed(4)],
    ["KL(P‖Q)", `${fixed(quality.klDivergence, 5)} nats`],
    ["effective sample size", `${quality.effectiveSampleShare.toFixed(4)} per draw`],
    [
      "log-partition error",
      `${quality.logPartitionErrorP90.toFixed(5)} at the 90th percentile, ${quality.draws} draws`,
    ],
  ]);
  return [
    ...made,
    ...fitted,
    "",
    `against the full softmax on ${quality.queryCount} ${source}, scan ${quality.scan}:`,
    ...measured,
    ...(built.fromScratch ? ["", ...comparisonLines(built, built.fromScratch)] : []),
  ];
}

function movesText(moves: NonNullable<BuildReport["moves"]>, built: BuiltIndex): string {
  const { comparedBy, compared, moved, added, removed } = moves;
  const others = `${added} added, ${removed} removed (matched by ${comparedBy})`;
  const hint = built.fromScratch ? "" : "; --compare also builds from scratch and compares";
  const seconds = built.seconds === undefined ? "" : `; built in ${built.seconds.toFixed(2)} s`;
  return `${moved} of ${compared} classes to another bucket, ${others}${seconds}${hint}`;
}

function comparisonLines(warm: MeasuredBuild, full: MeasuredBuild): string[] {
  const row = (name: string, of: (build: MeasuredBuild) => string): string[] => [name, of(warm), of(full)];
  return tableLines(
    ["codebooks", "reused", "from scratch"],
    [
      row("seconds", ({ seconds }) => seconds?.toFixed(2) ?? "–"),
      row("residual share", ({ report }) => percent(report.residualShare)),
      row("effective sample size per draw", ({ quality }) => quality?.effectiveSampleShare.toFixed(4) ?? "–"),
      row("recall@10", ({ quality }) => quality?.recallAt10.toFixed(4) ?? "–"),
      row("log-partition error, p90", ({ quality }) => quality?.logPartitionErrorP90.toFixed(5) ?? "–"),
    ],
  );
}

export const unusedBiasLine = (path: string, name: string): string =>
  `note: ${shownPath(path)} has a tensor ${quoteName(name)} with a number for each row, which this build leaves out: --bias ${shellWord(name)} builds with it`;

/** Returns whether a table has more than one column of values and what was asked for. */
const isChosen = (columns: InputColumnNames | undefined): columns is InputColumnNames =>
  columns !== undefined && (columns.values.length > 1 || columns.leftOut.length > 0);

/** Says which columns a build takes for values, and which it leaves out. */
function columnsText({ values, leftOut }: InputColumnNames): string {
  const columns = values.length === 1 ? "column" : `${values.length} columns`;
  return `${columns} ${someNames(values)}; left out: ${leftOut.length > 0 ? someNames(leftOut) : "none"}`;
}

/** Notes which columns of a table are taken for values, where nothing else reports it. */
export const valuesLines = (path: string, columns: InputColumnNames | undefined): string[] =>
  isChosen(columns) ? [`note: values from ${columnsText(columns)}`, ...idLines(path, columns)] : [];

/** Notes columns of values that may have been meant to be the labels. */
export const idLines = (path: string, { mayBeIds = [] }: Partial<InputColumnNames> = {}): string[] =>
  mayBeIds.map(
    (name) =>
      `note: ${shownPath(path)}: the values ${quoteName(name)} are whole numbers, another one in each row, and other values are fractions: if they name the rows, --id-field ${shellWord(name)} makes them the labels`,
  );

/** Lists all names, or the first ones and the last of many: a column beside the values is mostly at an end. */
function someNames(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.map(quoteName).join(", ");
  const first = names.slice(0, MOST_NAMES - 2).map(quoteName);
  return `${first.join(", ")} … ${quoteName(names.at(-1) as string)}`;
}

const MOST_NAMES = 6;

export const otherEncoderLine = (model: string): string =>
  `note: the embeddings are not the classes of ${shownPath(model)}, whose queries may not fit them: pass the model that they come from as --encoder, unless you have changed them on purpose, as by subtracting the mean row`;

/** Says how parts of an index of sequences get better measures than those of stand-ins. */
export const sampleLine = (manifest: string): string =>
  `note: merged answers are measured with stand-ins made of rows, which do not depend on the encoder; sequences that the model draws are better: midx encode ${shellWord(manifest)} --sample 400 -o queries.safetensors, then midx calibrate ${shellWord(manifest)} --queries queries.safetensors`;

export function copiedItemsLine({ rowType, metric }: Pick<BuiltIndex["info"], "rowType" | "metric">): string {
  const [rows, remedy] = metric === "dot" ? ["", ""] : [` of ${metric}`, " --metric dot"];
  return `note: the file stores the vectors that the encoder reads beside ${rowType} rows${rows}: sequences cannot have items that are upserted later, and read replaced items by their old vectors; --row-type f32${remedy} lets the encoder read the rows, in a smaller file`;
}

export const unmeasuredLine = (mebibytes: number): string =>
  `the file has no recall curves: ${needText("measuring them", mebibytes)}`;

const uncalibratedFacts = ({ calibrationTakes }: BuiltIndex): [name: string, value: string][] => [
  [
    "calibration",
    calibrationTakes === undefined ? "none was made" : `none: ${needText("calibrating", calibrationTakes)}`,
  ],
];

export const uncalibratedLine = (mebibytes: number): string =>
  `the error bars are not calibrated: ${needText("calibrating them", mebibytes)}`;

/** Returns the advice for a build whose index was not compared with the softmax. */
export function qualityLines({ output, qualityTakes = Number.POSITIVE_INFINITY }: BuiltIndex): string[] {
  const remedy = Number.isFinite(qualityTakes) ? `; or run midx eval ${shellWord(output)} --queries <file>` : "";
  return [`the index was not measured: ${needText("measuring it", qualityTakes)}${remedy}`];
}

const needText = (action: string, mebibytes: number): string =>
  Number.isFinite(mebibytes) ? `${action} needs --max-memory ${mebibytes}` : "the index is too large to be opened";

/** Describes the table that queries are encoded from. */
export const featuresText = ({ featureCount, positionCount, pooling, hasFeatureLabels }: FeatureFacts): string =>
  `${featureCount}${hasFeatureLabels ? " with names" : ""}, ${
    positionCount > 0 ? `${positionCount} positions` : "no positions"
  }, pooling ${pooling}`;

/** Describes the queries that recall curves were measured with, and the loss of recall by the stored rows. */
function recallFacts(report: RecallReport): [name: string, value: string][] {
  const { rowRecall } = report;
  return [
    ["recall curves", recallText(report)],
    ["row recall", `${percent(rowRecall)} of the 10 best original rows are among the 10 best stored rows`],
  ];
}

const WEIGHTS_TEXT: Readonly<Record<RowWeights, string>> = {
  counts: "k-means weighted rows by the square roots of their counts",
  bias: "k-means weighted rows by e^(bias / 4)",
  none: "k-means weighed all rows the same",
};

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
