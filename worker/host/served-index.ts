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

/** Returns the work of a call with these options by an index with these facts. */
export type WorkOf<Options extends object> = (info: IndexInfo, options: Options) => number;

/** The parts of an index, which work at the same time or one after the other. */
export interface WorkingParts {
  /** The number of parts that work one after the other. */
  readonly turns: number;
  /** Adds up the work of a call over these, whose shares of the effort are in their options. */
  readonly work: <Options extends object>(options: Options, workOf: WorkOf<Options>) => number;
}

/** The statistics of the build's real queries, of parts that have them together. */
export interface BuildStatistics {
  /** In the form of those of a file (src/format/statistics-values.ts): f32 (4, 8). */
  readonly values: Float32Array<ArrayBuffer>;
  /** Returns the popularity band of a class, as its place in STATISTICS_BANDS. 0 if it is not known here. */
  bandOf(id: number): number;
}

/** An index that answers requests: one in this isolate, which answers at once, or parts elsewhere. */
export interface ServedIndex {
  readonly info: IndexInfo;
  /** The parts that the work of a request is computed from. Undefined for an index that is not in parts. */
  readonly parts?: WorkingParts;
  /** The statistics of the build's real queries. Undefined if there are none, or if they are in the file of the index. */
  readonly statistics?: BuildStatistics | undefined;
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
