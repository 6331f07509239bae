/**
 * Builds index files, trains models with a sampled softmax, and measures both. {@link build} makes an index from a
 * table of embeddings, and {@link train} learns such a table from examples. A training loop of your own takes its
 * negatives from {@link createSampler} and its gradients from {@link sampledSoftmaxLoss}. docs/results.md compares the
 * samplers.
 *
 * @module
 */
export { FormatError } from "../bytes/format-error.ts";
export type { ColumnType } from "../format/columns.ts";
export type { RowType } from "../format/facts.ts";
export type { Pooling } from "../format/features.ts";
export type { RowWeights } from "../format/report.ts";
export { build } from "./build/build-inlined.ts";
export type {
  BuildOptions,
  BuildProgress,
  BuildReport,
  ColumnTable,
  EncoderModel,
  FeatureTable,
} from "./build/build-options.ts";
export type { Moves } from "./build/moves.ts";
export type { CalibrationReport } from "./calibration/add-calibration.ts";
export type { CalibrationEffort } from "./calibration/grid.ts";
export type { EvaluateOptions } from "./evaluation/evaluate.ts";
export { evaluate, measure } from "./evaluation/evaluate-inlined.ts";
export type {
  CalibrationBand,
  EvaluatedEffort,
  Evaluation,
  LogPartitionErrors,
  PopularityBand,
  ProposalQuality,
  RecallAt,
} from "./evaluation/evaluation.ts";
export type { MeasureOptions, Quality } from "./evaluation/measure.ts";
export type { FitDistances, FitOptions, FitReport, FitStep, ProposalDistance } from "./fitting/fit-options.ts";
export type { QuantizerKind } from "./kmeans/quantizer-options.ts";
export type { ClassVectors, LossInput, PositiveClasses, SampledVectors } from "./loss/loss-input.ts";
export type { LossAndGradients } from "./loss/sampled-softmax.ts";
export { sampledSoftmaxLoss } from "./loss/sampled-softmax-inlined.ts";
export type { Trained } from "./model/epochs.ts";
export type { Examples, Features, RaggedIds } from "./model/examples.ts";
export type { Metrics } from "./model/metrics.ts";
export type { Model } from "./model/model.ts";
export type { Betas, OptimizerName } from "./model/optimizer.ts";
export type { SelectBy } from "./model/select-by.ts";
export type { EncoderName, Hidden, ModelShape, TableName } from "./model/shape.ts";
export type { UnweightedFeatures } from "./model/tasks.ts";
export { labelExamples, nextItemExamples, nextWordExamples } from "./model/tasks.ts";
export type { EvaluateModelOptions, ExampleLimit } from "./model/train-inlined.ts";
export { encodeExamples, evaluateModel, train } from "./model/train-inlined.ts";
export type {
  EpochReport,
  HeldOutRanks,
  SamplerFactory,
  TrainingEvents,
  TrainOptions,
  TrainProgress,
} from "./model/train-options.ts";
export type { PolicyEstimates, RequestMean, WeightedDraw } from "./policy/estimates.ts";
export type { LoggedRow, PolicyValue, PolicyValueOptions } from "./policy/policy-value.ts";
export { policyValue } from "./policy/policy-value.ts";
export type { RecallReport } from "./recall/recall-curves.ts";
export type { RecallSource } from "./recall/recall-points.ts";
export type { Matrix } from "./rows/matrix.ts";
export type { BatchDrawOptions, BatchExcluded } from "./samplers/batches.ts";
export { drawBatch, logQBatch } from "./samplers/batches.ts";
export type { Classes } from "./samplers/classes.ts";
export type { SamplerOf, SamplerOptions } from "./samplers/create.ts";
export { createSampler } from "./samplers/create-inlined.ts";
export type { FourierOptions } from "./samplers/fourier.ts";
export type { InBatchSampler } from "./samplers/in-batch.ts";
export type { LshOptions } from "./samplers/lsh.ts";
export type { MidxOptions, SamplerFit } from "./samplers/midx/midx-options.ts";
export type { RefreshReport, SampledClasses, Sampler } from "./samplers/sampler.ts";
export type { SharedDrawOptions } from "./sequences/draw-shared.ts";
export { drawShared } from "./sequences/draw-shared.ts";
export type { SequenceOptions } from "./sequences/options.ts";
export type { SequencePreset } from "./sequences/presets.ts";
export type { ScheduleName } from "./sequences/schedule.ts";
export type { Sequences } from "./sequences/sequences.ts";
export type { EvaluateSequencesOptions } from "./sequences/sequences-inlined.ts";
export { encodeSequences, evaluateSequences, trainSequences } from "./sequences/sequences-inlined.ts";
