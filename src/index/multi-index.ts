import type {
  ClassProbabilities,
  DistinctDraws,
  Draws,
  ExactDraws,
  LogPartitionAnswer,
  Prediction,
  SlateProbability,
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
  PredictOptions,
  SampleOptions,
  SampleTopKOptions,
  SlateOptions,
  TopKOptions,
} from "../answers/options.ts";
import { logPartitionWithin, predictTop, probabilitiesOf } from "../answers/probabilities.ts";
import { type SlateMasses, slateMasses, slateProbability } from "../answers/slate.ts";
import { storedRows } from "../answers/stored-rows.ts";
import { findTop } from "../answers/top.ts";
import type { Vector } from "../checks/check.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import type { Decoded } from "../decode/decoded.ts";
import type { ColumnValue } from "../format/columns.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import { CallLimits } from "./call-limits.ts";
import { callOptions } from "./call-options.ts";
import { CallRunner } from "./call-runner.ts";
import { planDecode } from "./decode-call.ts";
import { FeatureBags } from "./feature-bags.ts";
import type { IndexInfo } from "./info.ts";
import { seeded } from "./seeded.ts";
import { FIRST_SEARCH } from "./thins-for.ts";

/**
 * A loaded index, made by {@link load}. All calls are synchronous, and answers are copies that the caller owns.
 *
 * Every call takes one query of `info.dim` values and returns one answer. With `batch: n` it takes n queries end to end
 * and returns an array of n answers, which have the same bits as single calls. Conditions apply to all queries of a call,
 * or with `conditions` each query has its own.
 *
 * Every method throws a TypeError or RangeError that names the argument, also for an option that is unknown or
 * contradicts another. It throws an Error after `dispose`, and when a getter among its arguments calls the same index.
 */
export class MultiIndex {
  /** @internal Bundles shorten the names of classes, and consoles print them. */
  static readonly name = "MultiIndex";
  /**
   * Facts about the index: its numbers of classes and values, row type, memory, measured recall. Frozen. Changes
   * (midx/changes) replace them.
   */
  readonly info: IndexInfo;
  private readonly calls: CallRunner;
  private readonly limits: CallLimits;
  private bags: Pick<FeatureBags, "encode"> | undefined;

  /** @internal Use load. */
  constructor(opened: OpenedIndex, info: IndexInfo, limits: Limits) {
    this.info = info;
    this.limits = new CallLimits(info, limits);
    this.calls = new CallRunner(opened, info, limits);
  }

  /**
   * Finds the k classes with the largest scores.
   *
   * An index without fine codes scores the `scan` classes of the best buckets, and misses a class outside of them. An
   * index with fine codes reads codes, scores the best by code, and reaches the `recall` that its build measured, 0.95
   * by default. With `exact` the answer equals brute force over the stored rows: bounds exclude every class that is not
   * scored (docs/method.md, 5). On an index with residuals, rows and scores are the refined ones (docs/method.md, 9).
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param k how many classes, 0 to `maxK` of load
   * @param options the effort, conditions, `exact`, `diversity`, `batch` for several queries
   * @returns the classes, best first, with their scores; an array with `batch`
   * @throws RangeError for `recall` or `rescore` on an index without fine codes
   *
   * @example
   * const { ids, scores } = index.topK(query, 10);
   *
   * @example
   * const best = index.topK(query, 10, { exact: true, exclude: [3, 17] });
   *
   * @example
   * const diverse = index.topK(query, 10, { diversity: { lambda: 0.7 } });
   */
  topK(query: Vector, k: number, options: TopKOptions & BatchOption): TopK[];
  topK(query: Vector, k: number, options?: TopKOptions): TopK;
  topK(query: Vector, k: number, options: TopKOptions & Partial<BatchOption> = {}): TopK | TopK[] {
    return this.calls.run("topK", query, options, (checked) => {
      const { pool, pick } = this.limits.diversity(k, checked);
      const effort = this.limits.topEffort(pool, checked);
      return { needsBounds: effort.exact, effort, answer: (opened) => pick(opened, findTop(opened, pool, effort)) };
    });
  }

  /**
   * Finds the k best classes of the head with their probabilities under the softmax over all classes.
   *
   * The head is summed exactly, and `draws` draws estimate the rest of log Z (docs/method.md, 4). The relative standard
   * error of every probability is the `standardError` of the answer. With `exact` all rows are scored.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param k how many classes, 0 to `maxK` of load
   * @param options head, proposal and draws of the estimate, conditions, seed, `exact`, `diversity`, `batch` for several
   *   queries
   * @returns the classes, best first, with scores, probabilities and the estimate of log Z; an array with `batch`
   * @throws RangeError for `proposal: "codes"` on an index without fine codes
   *
   * @example
   * const { ids, probabilities, standardError } = index.predict(query, 10, { seed: 1 });
   *
   * @example
   * const [first, second] = index.predict(queries, 10, { batch: 2, scan: "auto", targetError: 0.01 });
   */
  predict(query: Vector, k: number, options: PredictOptions & BatchOption): Prediction[];
  predict(query: Vector, k: number, options?: PredictOptions): Prediction;
  predict(query: Vector, k: number, options: PredictOptions & Partial<BatchOption> = {}): Prediction | Prediction[] {
    return this.calls.run("predict", query, options, (checked) => {
      const effort = this.limits.estimate(checked);
      const { pool, pick } = this.limits.diversity(k, checked);
      return {
        effort,
        isPrediction: effort.scan !== "auto",
        answer: (opened) => pick(opened, predictTop(opened, pool, effort)),
      };
    });
  }

  /**
   * Estimates log Z = log Σ e^(score / temperature), with a standard error and with bounds that certainly hold.
   *
   * The head is summed exactly and the tail is sampled (docs/method.md, 4 and 5). `tolerance` makes the head grow until
   * `upper − lower` is small enough. With `exact` all rows are scored. The bounds contain log Z in float64, of the
   * stored rows and the unrounded query; logPartition with `exact` is the log Z of the scores that `score` returns.
   *
   * The first call measures norms for the bounds, in O(N·D); the index keeps them.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param options head, proposal and draws of the estimate, `tolerance`, conditions, seed, `exact`, `batch` for
   *   several queries
   * @returns the estimate of log Z, its standard error and its bounds; an array with `batch`
   * @throws RangeError for `proposal: "codes"` on an index without fine codes
   *
   * @example
   * const { logPartition, standardError, lower, upper } = index.logPartition(query, { draws: 400, seed: 1 });
   */
  logPartition(query: Vector, options: LogPartitionOptions & BatchOption): LogPartitionAnswer[];
  logPartition(query: Vector, options?: LogPartitionOptions): LogPartitionAnswer;
  logPartition(
    query: Vector,
    options: LogPartitionOptions & Partial<BatchOption> = {},
  ): LogPartitionAnswer | LogPartitionAnswer[] {
    return this.calls.run("logPartition", query, options, (checked) => {
      const request = this.limits.estimate(checked);
      const tolerance = this.limits.tolerance(checked);
      return { needsBounds: true, answer: (opened) => logPartitionWithin(opened, request, tolerance) };
    });
  }

  /**
   * Computes the log-probabilities of given classes from an estimate of log Z. Classes that are filtered out get −∞.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @param options head, proposal and draws of the estimate, conditions, seed, `exact`, `batch` for several queries
   * @returns one log-probability for each id, in their order, and the estimate of log Z; an array with `batch`
   * @throws RangeError for `proposal: "codes"` on an index without fine codes
   *
   * @example
   * const { logProbabilities, standardError } = index.logProbability(query, [7, 42], { seed: 1 });
   */
  logProbability(query: Vector, ids: ArrayLike<number>, options: EstimateOptions & BatchOption): ClassProbabilities[];
  logProbability(query: Vector, ids: ArrayLike<number>, options?: EstimateOptions): ClassProbabilities;
  logProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: EstimateOptions & Partial<BatchOption> = {},
  ): ClassProbabilities | ClassProbabilities[] {
    return this.calls.run("logProbability", query, options, (checked) => {
      const effort = this.limits.estimate(checked);
      const classes = this.limits.classes(ids);
      return { effort, answer: (opened) => probabilitiesOf(opened, classes, effort) };
    });
  }

  /**
   * Draws classes independently, with replacement, from the proposal: the softmax with exact scores in the head and
   * quantised scores in the tail (docs/method.md, 2 and 3). `scan: 0` is plain MIDX.
   *
   * `score / temperature − logQ` is the logarithm of a draw's importance weight. In a sampled-softmax loss the logit of
   * each of M draws is `score − logQ − log M`. With `exact` the draws come from the softmax itself: all weights are
   * equal, and the answer has no `logQ`.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param draws how many, 0 to `maxDraws` of load
   * @param options head and proposal, `mixture`, conditions, seed, `exact`, `batch` for several queries
   * @returns the draws with their exact logits and, without `exact`, their log Q; an array with `batch`
   * @throws RangeError for `proposal: "codes"` on an index without fine codes, and for `mixture.popularity` on one without
   *   biases
   *
   * @example
   * const { ids, scores, logQ } = index.sample(query, 100, { seed: 1 });
   * const correctedLogits = scores.map((score, i) => score - logQ[i] - Math.log(ids.length));
   *
   * @example
   * const explored = index.sample(query, 1, { mixture: { uniform: 0.05 } });
   */
  sample(query: Vector, draws: number, options: ExactSampleOptions & BatchOption): ExactDraws[];
  sample(query: Vector, draws: number, options: ExactSampleOptions): ExactDraws;
  sample(query: Vector, draws: number, options: SampleOptions & BatchOption): Draws[];
  sample(query: Vector, draws: number, options?: SampleOptions): Draws;
  sample(query: Vector, draws: number, options: AnySampleOptions & BatchOption): (ExactDraws | Draws)[];
  sample(query: Vector, draws: number, options: AnySampleOptions): ExactDraws | Draws;
  sample(
    query: Vector,
    draws: number,
    options: AnySampleOptions & Partial<BatchOption> = {},
  ): ExactDraws | ExactDraws[] {
    return this.calls.run<typeof options, ExactDraws | Draws>("sample", query, options, (checked) => {
      const requestAt = seeded(checked, this.limits.draw(checked));
      const count = this.limits.draws(draws);
      const answer = (opened: OpenedIndex, row: number) => drawClasses(opened, count, requestAt(row));
      return requestAt(0).exact ? { needsBounds: true, effort: FIRST_SEARCH, answer } : { answer };
    });
  }

  /**
   * Draws k distinct classes, one after the other from those that are left (Gumbel-top-k, docs/method.md, 6): from the
   * proposal by buckets, or with `exact` from the softmax itself. `logWeights` make sums over the sample unbiased for
   * sums over all classes.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param k how many classes, 0 to `maxK` of load
   * @param options head, conditions, seed, `exact`, `batch` for several queries
   * @returns the classes in the order in which they are drawn, with scores and weights; an array with `batch`
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
    return this.calls.run("sampleTopK", query, options, (checked) => {
      const requestAt = seeded(checked, this.limits.draw(checked));
      const count = this.limits.k(k);
      return { needsBounds: requestAt(0).exact, answer: (opened, row) => drawDistinct(opened, count, requestAt(row)) };
    });
  }

  /**
   * Draws the next class as decoders of language models do: from the softmax at a temperature, truncated by `topK`, `topP`
   * and `minP` (docs/decode.md). Temperature 0 is greedy.
   *
   * `minP` and `topK` are certain: bounds exclude every class that is not kept. `topP` after them applies to the
   * classes that they keep. `topP` alone rests on an estimate of log Z and says so, or with `certain` on all rows.
   * Without a truncation the draw is exact, and its log-probability an estimate.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param options temperature, truncations and their order, conditions, seed, `certain`, `batch` for several queries
   * @returns the class, its log-probability among the kept ones, and what decided which are kept; an array with `batch`
   * @throws RangeError if the conditions leave no class
   *
   * @example
   * const { id, logProbability } = index.decode(query, { temperature: 0.7, minP: 0.05, seed: 1 });
   *
   * @example
   * const { id, certain, undecided } = index.decode(query, { topP: 0.9, exclude: [3, 17], seed: 1 });
   */
  decode(query: Vector, options: DecodeOptions & BatchOption): Decoded[];
  decode(query: Vector, options?: DecodeOptions): Decoded;
  decode(query: Vector, options: DecodeOptions & Partial<BatchOption> = {}): Decoded | Decoded[] {
    return this.calls.run("decode", query, options, (checked) => planDecode(checked, this.limits));
  }

  /**
   * Computes the exact logits of given classes by their stored rows, bias included. Conditions do not apply. A class that
   * changes have removed has −∞.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @param options `batch` for several queries
   * @returns f32, one logit for each id, in their order; an array with `batch`
   *
   * @example
   * const [first, second] = index.score(query, [7, 42]);
   */
  score(query: Vector, ids: ArrayLike<number>, options: Pick<BatchOption, "batch">): Float32Array[];
  score(query: Vector, ids: ArrayLike<number>): Float32Array;
  score(
    query: Vector,
    ids: ArrayLike<number>,
    options: Partial<Pick<BatchOption, "batch">> = {},
  ): Float32Array | Float32Array[] {
    return this.calls.run("score", query, options, () => {
      const classes = this.limits.classes(ids);
      return { needsBounds: false, answer: (opened) => scoresOf(opened, classes) };
    });
  }

  /**
   * Returns the stored rows of given classes, for which scores are exact. With `rowType` `"i8"` or `"f16"` they are the
   * rounded rows of the table that the index was built from. With `metric: "cosine"` they have unit length up to
   * rounding.
   *
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @returns f32, (number of ids × `info.dim`), end to end
   * @throws RangeError for a class that changes have removed
   *
   * @example
   * const neighbours = index.topK(index.rows([7]), 10);
   */
  rows(ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const classes = this.limits.classes(ids);
    return storedRows(this.calls.inUse(), classes);
  }

  /**
   * Computes log Q, the logarithms of the probabilities with which `sample` draws given classes under the same options.
   * The numbers have the bits that `sample` returns.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @param options head, proposal, `mixture`, conditions, `batch` for several queries
   * @returns f32, one log Q for each id, in their order; −∞ for classes that are filtered out. An array with `batch`
   * @throws RangeError for `proposal: "codes"` on an index without fine codes
   *
   * @example
   * const logQ = index.logQ(query, [7, 42], { scan: 256 });
   */
  logQ(query: Vector, ids: ArrayLike<number>, options: LogQOptions & BatchOption): Float32Array[];
  logQ(query: Vector, ids: ArrayLike<number>, options?: LogQOptions): Float32Array;
  logQ(
    query: Vector,
    ids: ArrayLike<number>,
    options: LogQOptions & Partial<BatchOption> = {},
  ): Float32Array | Float32Array[] {
    return this.calls.run("logQ", query, options, (checked) => {
      const proposed = this.limits.proposed(checked);
      const classes = this.limits.classes(ids);
      return { needsBounds: false, answer: (opened) => proposalOf(opened, classes, proposed) };
    });
  }

  /**
   * Computes the log-probability of a slate: of drawing these classes in this order, each from those that are left
   * (Plackett & Luce). It is the probability with which `sampleTopK` draws them, exact for the proposal Q. With `exact` it is
   * that of the softmax itself, for which all rows are scored.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes that differ, integers in [0, `info.itemCount`), the first drawn first
   * @param options head, proposal, conditions, `exact`, `batch` for several queries
   * @returns the log-probability of the slate, and of each class among those that were left; an array with `batch`
   * @throws RangeError for a class that is in the slate twice, and for `proposal: "codes"` on an index without fine codes
   *
   * @example
   * const { logProbability } = index.slateLogProbability(query, index.sampleTopK(query, 5).ids);
   */
  slateLogProbability(query: Vector, ids: ArrayLike<number>, options: SlateOptions & BatchOption): SlateProbability[];
  slateLogProbability(query: Vector, ids: ArrayLike<number>, options?: SlateOptions): SlateProbability;
  slateLogProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: SlateOptions & Partial<BatchOption> = {},
  ): SlateProbability | SlateProbability[] {
    return this.slateBy(query, ids, options, slateProbability);
  }

  /**
   * Makes a query from a bag of features of an index built with `features`: the weighted sum of their vectors, bit for
   * bit the query of the trained model. Where the index has positions, each vector is multiplied by the factors of its
   * position, and the nearest feature comes first.
   *
   * With an encoder that `openEncoder` of midx/encoder has opened, it makes a query of a sequence of classes instead, in the
   * order in which they occurred.
   *
   * @param features ids of features, or their names where the index has those
   * @param options the weights of the features
   * @returns f32, `info.dim` values
   * @throws RangeError for an index without features, an unknown feature, and more features than positions
   *
   * @example
   * const { ids } = index.predict(index.encode(["of", "capital", "the"]), 10);
   */
  encode(features: readonly Feature[] | Int32Array, options: EncodeOptions = {}): Float32Array<ArrayBuffer> {
    const checked = callOptions("encode", options);
    this.bags ??= new FeatureBags(this.calls.inUse());
    return this.bags.encode(features, checked);
  }

  /**
   * Returns the labels of given classes.
   *
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @returns one label for each id, in their order
   * @throws RangeError for an index without labels
   *
   * @example
   * const names = index.labels(index.topK(query, 10).ids);
   */
  labels(ids: ArrayLike<number>): string[] {
    const classes = this.limits.classes(ids);
    const names = this.calls.labels();
    return Array.from(classes, (id) => names.of(id));
  }

  /**
   * Finds the classes with given labels.
   *
   * @param labels labels of classes, in any order
   * @returns the id of each label, in their order
   * @throws RangeError for an index without labels, and for a label that the index does not have, which it names
   *
   * @example
   * const { logProbabilities } = index.logProbability(query, index.idsOf(["paris", "rome"]));
   */
  idsOf(labels: readonly string[]): Int32Array {
    return this.calls.labels().idsOf(labels);
  }

  /**
   * Returns the values of classes in the columns of the index, by name, without those that a class lacks. The namespace of
   * a class is under `$namespace`.
   *
   * @param ids classes, in any order
   * @returns the values of each class, in their order; no values for an index without columns
   *
   * @example
   * const [best] = index.metadata(index.topK(query, 1).ids); // such as { category: "shoes", price: 59.9, stock: true }
   */
  metadata(ids: ArrayLike<number>): Record<string, ColumnValue>[] {
    return this.calls.filters().valuesOf(this.limits.classes(ids));
  }

  /**
   * Frees the WebAssembly memory of the index. Every later call except `dispose` throws an Error.
   *
   * @example
   * index.dispose();
   */
  dispose(): void {
    this.calls.dispose();
    this.bags = undefined;
  }

  /** Answers a call about a slate from the masses that its probability is made of. Parts of an index (src/parts) need these. */
  private slateBy<T>(
    query: Vector,
    ids: ArrayLike<number>,
    options: SlateOptions & Partial<BatchOption>,
    answerOf: (opened: OpenedIndex, masses: SlateMasses) => T,
  ): T | T[] {
    return this.calls.run("slateLogProbability", query, options, (checked) => {
      const request = this.limits.slateFrom(checked);
      const slate = this.limits.slate(ids);
      return { needsBounds: false, answer: (opened) => answerOf(opened, slateMasses(opened, slate, request)) };
    });
  }
}
