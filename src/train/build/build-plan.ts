import { checkFlag, checkOneOf, checkSeed, shown } from "../../checks/check.ts";
import type { CalibrationFacts } from "../../format/calibration.ts";
import type { RowType } from "../../format/facts.ts";
import type { ReportFacts, RowWeights } from "../../format/report.ts";
import { isSpaceName, SPACE_NAME } from "../../format/space.ts";
import type { LabelTable } from "../../memory/labels.ts";
import { calibrationFacts } from "../calibration/calibrate-build.ts";
import { EFFORTS } from "../calibration/grid.ts";
import { MOST_OUTLIERS } from "../codes/outliers.ts";
import { checkFit, type FitPlan } from "../fitting/check-fit.ts";
import { checkBits, defaultBits, type QuantizerKind } from "../kmeans/quantizer-options.ts";
import { recallSourceOf } from "../recall/recall-curves.ts";
import { checkShape, checkVector, rootMeanSquareNorm } from "../rows/matrix.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { BuildOptions } from "./build-options.ts";
import { type EncodedColumns, encodeColumns } from "./encode-columns.ts";
import { type EncodedEncoder, encodeEncoder } from "./encode-encoder.ts";
import { type EncodedFeatures, encodeFeatures } from "./encode-features.ts";
import { encodeLabels } from "./encode-labels.ts";
import { measuredQueries } from "./measured-queries.ts";
import type { ReusedCodebooks } from "./reused-codebooks.ts";
import { checkWarmPasses, checkWarmStart } from "./warm-start.ts";

/** The options of a build, with those that callers outside of this project do not have. */
export interface InternalBuildOptions extends BuildOptions {
  /** The most outliers of the index. */
  readonly mostOutliers?: number;
  /** Recall will be measured on the finished index, and the file has room for the results. Default false. */
  readonly measuresRecall?: boolean;
  /** Codebooks that other parts of the index share. They take the place of those of `warmFrom`. */
  readonly codebooks?: ReusedCodebooks;
}

/** The options of a build, with every value checked. */
export interface BuildPlan {
  readonly kind: QuantizerKind;
  readonly rowType: RowType;
  readonly metric: "dot" | "cosine";
  readonly bits: number;
  readonly bias: Float32Array | undefined;
  readonly counts: Float32Array | undefined;
  readonly labels: LabelTable | undefined;
  readonly features: EncodedFeatures | undefined;
  readonly columns: EncodedColumns | undefined;
  readonly space: string | undefined;
  readonly encoder: EncodedEncoder | undefined;
  readonly hasFineCodes: boolean;
  readonly hasResiduals: boolean;
  readonly mostOutliers: number;
  /** The root mean square norm of the queries that were given; 1 with cosine. Undefined without queries. */
  readonly queryNorm: number | undefined;
  /** The weights of rows in k-means: those of the older index, if its codebooks are reused as they are. */
  readonly weights: RowWeights;
  readonly recallQueries: ReportFacts["recallQueries"];
  /** Facts about the calibration that is to follow. Undefined if there will be none. */
  readonly calibration: CalibrationFacts | undefined;
  readonly seed: bigint;
  readonly warmPasses: number;
  readonly fit: FitPlan | undefined;
  /** If false, the build reuses the codebooks of the older index as they are. */
  readonly trainsCodebooks: boolean;
  /** If false, there are no fine codes or the build reuses their codebooks as well. */
  readonly trainsFineCodebooks: boolean;
}

/** Checks the options. A TypeError or RangeError names the option at fault. `warm` holds the codebooks to reuse. */
export function planBuild(
  { itemCount, dim }: RowTable,
  options: InternalBuildOptions,
  warm: ReusedCodebooks | undefined,
): BuildPlan {
  const { rowType = "i8" } = options;
  const { quantizer: kind = warm?.facts.quantizer ?? "rq", metric = warm?.facts.metric ?? "dot" } = options;
  checkShape(itemCount, dim);
  checkOneOf("quantizer", kind, ["rq", "pq"]);
  checkOneOf("rowType", rowType, ["f32", "f16", "i8"]);
  checkOneOf("metric", metric, ["dot", "cosine"]);
  const effort = options.calibrate ?? "off"; // the default of callers is that of buildOnPool
  checkOneOf("calibrate", effort, EFFORTS);
  const bits = checkBits(options.bits ?? warm?.facts.bits ?? defaultBits(itemCount));
  if (warm) checkWarmStart(warm, { dim, quantizer: kind, bits, metric });
  const measured = measuredQueries([itemCount, dim], options);
  const checked = {
    kind,
    rowType,
    metric,
    bits,
    bias: checkVector("bias", options.bias, itemCount, Number.NEGATIVE_INFINITY),
    counts: checkVector("counts", options.counts, itemCount, 0),
    labels: options.labels === undefined ? undefined : encodeLabels(options.labels, itemCount),
    features: options.features === undefined ? undefined : encodeFeatures(options.features, dim),
    columns: encodeColumns(options.columns, options.namespaces, itemCount),
    space: checkSpaceName(options.space),
    encoder: planEncoder({ itemCount, dim }, options, rowType === "f32" && metric === "dot"),
    hasFineCodes: checkFlag("fineCodes", options.fineCodes),
    hasResiduals: checkResiduals(options.residuals, rowType),
    mostOutliers: options.mostOutliers ?? MOST_OUTLIERS,
    queryNorm: metric === "cosine" ? 1 : rootMeanSquareNorm(options.queries, dim),
    seed: checkSeed(options.seed ?? 0),
    warmPasses: checkWarmPasses(options),
    fit: checkFit(options, itemCount, dim),
    calibration: calibrationFacts({ itemCount, dim }, { effort, ...measured }, options.encoder !== undefined),
  };
  const { bias, counts, hasFineCodes } = checked;
  const measuresRecall = hasFineCodes && itemCount > 0 && options.measuresRecall === true;
  const recallQueries = measuresRecall ? recallSourceOf(measured.queries) : "none";
  const trainsCodebooks = warm === undefined || checked.warmPasses > 0;
  const ownWeights = counts ? "counts" : bias ? "bias" : "none";
  const weights = trainsCodebooks ? ownWeights : (warm?.facts.report?.weights ?? "none");
  const keepsFineCodebooks = !trainsCodebooks && !checked.fit && warm?.fineCodebooks !== undefined;
  const trainsFineCodebooks = hasFineCodes && !keepsFineCodebooks;
  return { ...checked, weights, recallQueries, trainsCodebooks, trainsFineCodebooks };
}

function planEncoder(
  table: Pick<RowTable, "itemCount" | "dim">,
  { encoder, features }: BuildOptions,
  keepsRows: boolean,
): EncodedEncoder | undefined {
  if (encoder === undefined) return undefined;
  if (features) {
    throw new RangeError('"encoder" expected no "features" beside it, because `encode` takes either of them');
  }
  return encodeEncoder(encoder, table, keepsRows);
}

function checkSpaceName(space: string | undefined): string | undefined {
  if (space === undefined || isSpaceName(space)) return space;
  throw new RangeError(`"space" expected ${SPACE_NAME}, got ${shown(space)}`);
}

function checkResiduals(residuals: boolean | undefined, rowType: RowType): boolean {
  const wanted = checkFlag("residuals", residuals);
  if (!wanted || rowType === "i8") return wanted;
  throw new RangeError(`"residuals" expected the row type "i8", got "${rowType}": leave one of them out`);
}
