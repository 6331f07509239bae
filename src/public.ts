// The public names, whichever way the kernels come.
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
  TopK,
} from "./answers.ts";
export type { IndexSource } from "./byte-source.ts";
export type { Vector } from "./check.ts";
export { FormatError } from "./errors.ts";
export type { LogPartition } from "./estimate.ts";
export type { FeatureFacts, Pooling } from "./facts.ts";
export type { KernelModules } from "./given-modules.ts";
export type { IndexInfo } from "./info.ts";
export type { LoadOptions, Simd } from "./load-options.ts";
export { MultiIndex } from "./multi-index.ts";
export type {
  AnySampleOptions,
  BagOptions,
  BatchOption,
  ClassBitmap,
  CodedOption,
  ConditionOptions,
  EstimateOptions,
  ExactOption,
  ExactSampleOptions,
  Feature,
  LogPartitionOptions,
  ProposalOptions,
  SampleOptions,
  SampleTopOptions,
  ScanOption,
  SeedOption,
  TopOptions,
} from "./options.ts";
