// The public names, whichever way the kernels come.
export type { IndexSource } from "./byte-source.ts";
export type { Vector } from "./check.ts";
export { FormatError } from "./errors.ts";
export type { LogPartition } from "./estimate.ts";
export type { IndexInfo } from "./info.ts";
export type { LoadOptions } from "./load-options.ts";
export {
  type BatchOption,
  type Draws,
  type EstimateOptions,
  type ExactOption,
  type LogPartitionAnswer,
  MultiIndex,
  type Prediction,
  type SampleOptions,
  type ScanOption,
  type Seeded,
  type SeedOption,
  type TopK,
} from "./multi-index.ts";
