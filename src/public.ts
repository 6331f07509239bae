// The public names of midx, the same for both ways of loading the kernels.
export type {
  ClassProbabilities,
  DistinctDraws,
  Draws,
  Estimated,
  ExactDraws,
  LogPartitionAnswer,
  Prediction,
  ScanChoice,
  Seeded,
  SlateProbability,
  TopK,
} from "./answers/answers.ts";
export type { LogPartition } from "./answers/error-bars.ts";
export type {
  AnySampleOptions,
  BatchOption,
  ClassBitmap,
  ConditionOptions,
  EncodeOptions,
  EstimateOptions,
  ExactOption,
  ExactSampleOptions,
  Feature,
  LogitBias,
  LogPartitionOptions,
  LogQOptions,
  PredictOptions,
  Proposal,
  ProposalOption,
  SampleOptions,
  SampleTopKOptions,
  ScanOption,
  SeedOption,
  SlateOptions,
  TopKOptions,
} from "./answers/options.ts";
export type {
  Diversity,
  DiversityOption,
  Mixture,
  MixtureOption,
  PopularityShare,
} from "./answers/recommend-options.ts";
export type { IndexSource } from "./bytes/byte-source.ts";
export { FormatError } from "./bytes/format-error.ts";
export type { Vector } from "./checks/check.ts";
export type { Filter, FilterOperators, FilterValue } from "./columns/filter.ts";
export type { DecodeOptions, DecodeStep, Truncation } from "./decode/decode-options.ts";
export type { Decision, Decoded, TopLogProbabilities } from "./decode/decoded.ts";
export type { CalibrationFacts } from "./format/calibration.ts";
export type { BarCalibration, CalibrationValues } from "./format/calibration-values.ts";
export type { ColumnFacts, ColumnType, ColumnValue } from "./format/columns.ts";
export type { CompactionFacts, MeasureOrigin } from "./format/compaction.ts";
export type { RowType } from "./format/facts.ts";
export type { FeatureFacts, Pooling } from "./format/features.ts";
export type { RecallCurve, RecallPoint } from "./format/recall-curve.ts";
export type { RowWeights } from "./format/report.ts";
export type { CalibrationInfo, ChangesInfo, IndexInfo } from "./index/info.ts";
export { MultiIndex } from "./index/multi-index.ts";
export type { LoadOptions, Simd } from "./memory/load-options.ts";
export type { KernelModules } from "./memory/precompiled-modules.ts";
export type { Threads } from "./memory/threads.ts";
