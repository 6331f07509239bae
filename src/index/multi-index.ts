import type {
  ClassProbabilities,
  DistinctDraws,
  Draws,
  ExactDraws,
  LogPartitionAnswer,
  Prediction,
  TopK,
} from "../answers/answers.ts";
import { scoresOf } from "../answers/by-class.ts";
import { drawClasses, drawDistinct, proposalOf } from "../answers/draws.ts";
import type {
  AnySampleOptions,
  BatchOption,
  EncodeOptions,
  EstimateOptions,
  ExactSampleOptions,
  Feature,
  LogPartitionOptions,
  LogQOptions,
  SampleOptions,
  SampleTopKOptions,
  TopKOptions,
} from "../answers/options.ts";
import { logPartitionWithin, predictTop, probabilitiesOf } from "../answers/probabilities.ts";
import { storedRows } from "../answers/stored-rows.ts";
import { findTop } from "../answers/top.ts";
import type { Vector } from "../checks/check.ts";
import { Labels, labelTable } from "../memory/labels.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import { Answering } from "./answering.ts";
import { CallLimits } from "./call-limits.ts";
import { callOptions } from "./call-options.ts";
import { FeatureBags } from "./feature-bags.ts";
import type { IndexInfo } from "./info.ts";

/**
 * A loaded index. All calls are synchronous; answers are copies.
 *
 * Every method takes one query of `info.dim` values, or, with `batch: n`, n of them end to end, which it answers with an
 * array. A batch gives bit for bit the single answers. `temperature`, `exclude` and `allow` hold for all queries of a call.
 *
 * Arguments are copied before anything is done with them. Throws TypeError and RangeError that name the argument, also for
 * options that are unknown or contradict each other; an Error once the index is disposed, and where a getter among the
 * arguments of a call asks the same index.
 */
export class MultiIndex {
  /** Bundles shorten the names of classes, and consoles print them. */
  static readonly name = "MultiIndex";
  readonly info: IndexInfo;
  private readonly asking: Answering;
  private readonly limits: CallLimits;
  private names: Labels | undefined;
  private bags: FeatureBags | undefined;

  /** @internal Use load. */
  constructor(opened: OpenedIndex, info: IndexInfo, limits: Limits) {
    this.info = info;
    this.limits = new CallLimits(info, limits);
    this.asking = new Answering(opened, info, limits);
  }

  /**
   * The k best classes of the head, by exact score: a class outside of the `scan` classes of the best buckets is missed;
   * or, with `exact`, the k best of all, certified by bounds on every class that was not scored.
   *
   * @example
   * const { ids, scores } = index.topK(query, 10);
   */
  topK(query: Vector, k: number, options: TopKOptions & BatchOption): TopK[];
  topK(query: Vector, k: number, options?: TopKOptions): TopK;
  topK(query: Vector, k: number, options: TopKOptions & Partial<BatchOption> = {}): TopK | TopK[] {
    return this.asking.answer("topK", query, options, (given) => {
      const count = this.limits.k(k);
      const effort = this.limits.topEffort(count, given);
      return { needsBounds: effort.exact, of: (opened) => findTop(opened, count, effort) };
    });
  }

  /**
   * Sampled top-k scoring: topK with probabilities, from an estimate of the log-partition with its error.
   *
   * @example
   * const { ids, probabilities, standardError } = index.predict(query, 10, { seed: 1 });
   */
  predict(query: Vector, k: number, options: EstimateOptions & BatchOption): Prediction[];
  predict(query: Vector, k: number, options?: EstimateOptions): Prediction;
  predict(query: Vector, k: number, options: EstimateOptions & Partial<BatchOption> = {}): Prediction | Prediction[] {
    return this.asking.answer("predict", query, options, (given) => {
      const request = this.limits.estimate(given);
      const count = this.limits.k(k);
      return { needsBounds: false, of: (opened) => predictTop(opened, count, request) };
    });
  }

  /**
   * log Z = log Σ e^(score / temperature): the head exactly, the tail from draws, or all of it with `exact`; with certain
   * bounds, which `tolerance` brings together.
   */
  logPartition(query: Vector, options: LogPartitionOptions & BatchOption): LogPartitionAnswer[];
  logPartition(query: Vector, options?: LogPartitionOptions): LogPartitionAnswer;
  logPartition(
    query: Vector,
    options: LogPartitionOptions & Partial<BatchOption> = {},
  ): LogPartitionAnswer | LogPartitionAnswer[] {
    return this.asking.answer("logPartition", query, options, (given) => {
      const request = this.limits.estimate(given);
      const tolerance = this.limits.tolerance(given);
      return { needsBounds: true, of: (opened) => logPartitionWithin(opened, request, tolerance) };
    });
  }

  /** log P of these classes, from an estimate of the log-partition; −∞ for those that take no part. */
  logProbability(query: Vector, ids: ArrayLike<number>, options: EstimateOptions & BatchOption): ClassProbabilities[];
  logProbability(query: Vector, ids: ArrayLike<number>, options?: EstimateOptions): ClassProbabilities;
  logProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: EstimateOptions & Partial<BatchOption> = {},
  ): ClassProbabilities | ClassProbabilities[] {
    return this.asking.answer("logProbability", query, options, (given) => {
      const request = this.limits.estimate(given);
      const asked = this.limits.classes(ids);
      return { needsBounds: false, of: (opened) => probabilitiesOf(opened, asked, request) };
    });
  }

  /**
   * Independent draws from the proposal: softmax over the head's exact scores and the tail's quantised ones
   * (`scan: 0` is plain MIDX). score / temperature − logQ is the importance weight, and what a sampled-softmax loss needs.
   * With `exact`, from the softmax itself, where all weights are equal.
   *
   * @example
   * const { ids, scores, logQ } = index.sample(query, 100, { seed: 1 });
   */
  sample(query: Vector, draws: number, options: ExactSampleOptions & BatchOption): ExactDraws[];
  sample(query: Vector, draws: number, options: ExactSampleOptions): ExactDraws;
  sample(query: Vector, draws: number, options: SampleOptions & BatchOption): Draws[];
  sample(query: Vector, draws: number, options?: SampleOptions): Draws;
  sample(query: Vector, draws: number, options: AnySampleOptions): ExactDraws | Draws;
  sample(
    query: Vector,
    draws: number,
    options: AnySampleOptions & Partial<BatchOption> = {},
  ): ExactDraws | ExactDraws[] {
    return this.asking.answer<typeof options, ExactDraws | Draws>("sample", query, options, (given) => {
      const request = this.limits.draw(given);
      const count = this.limits.draws(draws);
      return { needsBounds: request.exact, of: (opened) => drawClasses(opened, count, request) };
    });
  }

  /**
   * k distinct classes, drawn one after the other from what is left (Gumbel-top-k): from the proposal, or, with `exact`,
   * from the softmax itself. With weights that make sums over them unbiased for sums over all classes.
   *
   * @example
   * const { ids, logWeights } = index.sampleTopK(query, 10, { exact: true, seed: 1 });
   */
  sampleTopK(query: Vector, k: number, options: SampleTopKOptions & BatchOption): DistinctDraws[];
  sampleTopK(query: Vector, k: number, options?: SampleTopKOptions): DistinctDraws;
  sampleTopK(
    query: Vector,
    k: number,
    options: SampleTopKOptions & Partial<BatchOption> = {},
  ): DistinctDraws | DistinctDraws[] {
    return this.asking.answer("sampleTopK", query, options, (given) => {
      const request = this.limits.draw(given);
      const count = this.limits.k(k);
      return { needsBounds: request.exact, of: (opened) => drawDistinct(opened, count, request) };
    });
  }

  /** Exact logits of these classes, in this order; temperature and filters don't enter. */
  score(query: Vector, ids: ArrayLike<number>, options: BatchOption): Float32Array[];
  score(query: Vector, ids: ArrayLike<number>): Float32Array;
  score(query: Vector, ids: ArrayLike<number>, options: Partial<BatchOption> = {}): Float32Array | Float32Array[] {
    return this.asking.answer("score", query, options, () => {
      const asked = this.limits.classes(ids);
      return { needsBounds: false, of: (opened) => scoresOf(opened, asked) };
    });
  }

  /**
   * The stored rows of these classes as f32, `info.dim` values each, end to end: what scores are exact for. Rows of an
   * index with int8 or f16 rows are roundings of those that it was built from, and rows for cosine have unit length up to that rounding.
   *
   * @example
   * const neighbours = index.topK(index.rows([id]), 10);
   */
  rows(ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const asked = this.limits.classes(ids);
    return storedRows(this.asking.inUse(), asked);
  }

  /** log Q of these classes under the proposal of `sample(query, ·, options)`: the very numbers `sample` returns. */
  logQ(query: Vector, ids: ArrayLike<number>, options: LogQOptions & BatchOption): Float32Array[];
  logQ(query: Vector, ids: ArrayLike<number>, options?: LogQOptions): Float32Array;
  logQ(
    query: Vector,
    ids: ArrayLike<number>,
    options: LogQOptions & Partial<BatchOption> = {},
  ): Float32Array | Float32Array[] {
    return this.asking.answer("logQ", query, options, (given) => {
      const head = this.limits.head(given);
      const asked = this.limits.classes(ids);
      return { needsBounds: false, of: (opened) => proposalOf(opened, asked, head) };
    });
  }

  /**
   * The query of a bag of features, by id or by name, of an index built with `features`: what the trainer's model makes of
   * them, bit for bit. Without `weights` they weigh what the build's `pooling` says; with positions, the nearest is first.
   *
   * @example
   * const { labels } = index.predict(index.encode(["of", "capital", "the"]), 10);
   */
  encode(features: readonly Feature[] | Int32Array, options: EncodeOptions = {}): Float32Array<ArrayBuffer> {
    const given = callOptions("encode", options);
    this.bags ??= new FeatureBags(this.asking.inUse());
    return this.bags.encode(features, given);
  }

  /** The labels of these classes, of an index built with labels. */
  labels(ids: ArrayLike<number>): string[] {
    const asked = this.limits.classes(ids);
    const names = this.namesInUse();
    return Array.from(asked, (id) => names.of(id));
  }

  /** The classes of these labels. RangeError names one that is not of the index. */
  idsOf(labels: readonly string[]): Int32Array {
    return this.namesInUse().idsOf(labels);
  }

  /** Lets go of the memory. Every later call but this one throws. */
  dispose(): void {
    this.asking.dispose();
    this.names = undefined;
    this.bags = undefined;
  }

  private namesInUse(): Labels {
    const { kernels, header, plan } = this.asking.inUse();
    if (!this.info.hasLabels) throw new RangeError('"labels" expected an index built with "labels", got one without');
    this.names ??= new Labels(labelTable(kernels.memory.buffer, header, plan, "label"));
    return this.names;
  }
}
