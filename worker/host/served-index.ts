import type {
  BatchOption,
  ClassProbabilities,
  ColumnValue,
  Decoded,
  DecodeOptions,
  DistinctDraws,
  Draws,
  EncodeOptions,
  EstimateOptions,
  ExactDraws,
  ExactSampleOptions,
  Feature,
  IndexInfo,
  LogPartitionAnswer,
  LogPartitionOptions,
  Prediction,
  PredictOptions,
  SampleOptions,
  SampleTopKOptions,
  SlateOptions,
  SlateProbability,
  TopK,
  TopKOptions,
} from "../../src/public.ts";

type Now<Answer> = Answer | Promise<Answer>;

/** An index that answers requests: one in this isolate, which answers at once, or parts elsewhere. */
export interface ServedIndex {
  readonly info: IndexInfo;
  /**
   * The parts whose work adds up to that of a request, because they answer one after the other. Of parts that work at the same
   * time it is the largest alone. Default: the index, as one part.
   */
  readonly inTurn?: readonly IndexInfo[];
  /** The changes of the part that has the least room for more. Undefined if there are no parts here. */
  readonly fullest?: { readonly rowCount: number; readonly maxDelta: number };
  topK(queries: Float32Array, k: number, options: TopKOptions & BatchOption): Now<TopK[]>;
  predict(queries: Float32Array, k: number, options: PredictOptions & BatchOption): Now<Prediction[]>;
  logPartition(queries: Float32Array, options: LogPartitionOptions & BatchOption): Now<LogPartitionAnswer[]>;
  logProbability(
    queries: Float32Array,
    ids: Int32Array,
    options: EstimateOptions & BatchOption,
  ): Now<ClassProbabilities[]>;
  sample(queries: Float32Array, draws: number, options: ExactSampleOptions & BatchOption): Now<ExactDraws[]>;
  sample(queries: Float32Array, draws: number, options: SampleOptions & BatchOption): Now<Draws[]>;
  sampleTopK(queries: Float32Array, k: number, options: SampleTopKOptions & BatchOption): Now<DistinctDraws[]>;
  decode(queries: Float32Array, options: DecodeOptions & BatchOption): Now<Decoded[]>;
  slateLogProbability(
    queries: Float32Array,
    ids: Int32Array,
    options: SlateOptions & BatchOption,
  ): Now<SlateProbability[]>;
  encode(features: readonly Feature[], options?: EncodeOptions): Float32Array;
  labels(ids: ArrayLike<number>): string[];
  idsOf(labels: readonly string[]): Int32Array;
  rows(ids: ArrayLike<number>): Float32Array;
  metadata(ids: ArrayLike<number>): Record<string, ColumnValue>[];
  dispose(): void;
  /** Tells whether changes have removed a class. Undefined without changes. */
  isRemoved?(id: number): boolean;
}
