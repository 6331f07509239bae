import * as abi from "./abi.ts";
import type {
  ClassProbabilities,
  DistinctDraws,
  Draws,
  Estimated,
  ExactDraws,
  LogPartitionAnswer,
  Prediction,
  ScanChoice,
  TopK,
} from "./answers.ts";
import { CallLimits, type CheckedEstimate } from "./call-limits.ts";
import { checkConditions, checkFlag, checkIds, checkNumber, checkSeed, copyRow, type Vector } from "./check.ts";
import { type CallConditions, UNCONDITIONAL } from "./conditions.ts";
import { FeatureBags } from "./feature-bags.ts";
import type { IndexInfo } from "./info.ts";
import { Labels, labelTable } from "./labels.ts";
import { type OpenedIndex, read } from "./opened-index.ts";
import type {
  AnySampleOptions,
  BagOptions,
  BatchOption,
  ConditionOptions,
  EstimateOptions,
  ExactSampleOptions,
  Feature,
  LogPartitionOptions,
  ProposalOptions,
  SampleOptions,
  SampleTopOptions,
  TopOptions,
} from "./options.ts";
import type { Limits } from "./plan.ts";
import { chooseScan } from "./search/auto-scan.ts";
import { estimateWithin, exactWithBracket } from "./search/bracket.ts";
import { logQsOf, positionsOf, scoresOf } from "./search/by-class.ts";
import { logQByCodes, sampleByCodes } from "./search/by-codes.ts";
import { certifyTop } from "./search/certified-top.ts";
import { type Effort, estimate, estimateExactly, type Scored } from "./search/estimate.ts";
import { drawExact } from "./search/exact-sample.ts";
import { logWeights } from "./search/log-weights.ts";
import { weighed } from "./search/weighed.ts";
import { drawExactKeys, drawKeys } from "./search/without-replacement.ts";
import { storedRows } from "./stored-rows.ts";

/**
 * A loaded index. All calls are synchronous; answers are copies.
 *
 * Every method takes one query of `info.dim` values, or several end to end, and answers the latter with an array; say
 * `batch` to have the array in the type too (and for a batch of one). A batch gives bit for bit the single answers.
 * `temperature`, `exclude` and `allow` hold for all queries of a call.
 *
 * Throws TypeError and RangeError that name the argument; an Error once the index is disposed.
 */
export class MultiIndex {
  readonly info: IndexInfo;
  private opened: OpenedIndex | undefined;
  private readonly limits: CallLimits;
  private queryView: Float32Array;
  private names: Labels | undefined;
  private bags: FeatureBags | undefined;

  /** @internal Use load. */
  constructor(opened: OpenedIndex, info: IndexInfo, limits: Limits) {
    this.opened = opened;
    this.info = info;
    this.limits = new CallLimits(info, limits);
    this.queryView = new Float32Array(opened.kernels.memory.buffer, opened.plan.regions.query, info.dim);
  }

  /**
   * The k best classes of the head, by exact score: a class outside of the `scan` classes of the best buckets is missed;
   * or, with `exact`, the k best of all, certified by bounds on every class that was not scored.
   *
   * @example
   * const { ids, scores } = index.topK(query, 10);
   */
  topK(query: Vector, k: number, options: TopOptions & BatchOption): TopK[];
  topK(query: Vector, k: number, options?: TopOptions): TopK;
  topK(query: Vector, k: number, options: TopOptions & Partial<BatchOption> = {}): TopK | TopK[] {
    const exact = checkFlag("exact", options.exact);
    this.limits.k(k);
    const { scan, rescore } = this.limits.topEffort(k, options);
    return this.each(query, options, exact, (opened) => {
      if (exact) return topOf(opened, true, certifyTop(opened, k));
      if (rescore !== undefined) {
        opened.kernels.scanTop(opened.plan.layout, k, scan, rescore);
        const scored = read(opened, abi.SEARCH_SCORED);
        return topOf(opened, scored === opened.conditions.allowedCount, scored);
      }
      opened.kernels.predict(opened.plan.layout, k, scan, 0, 0n);
      return topOf(opened, headIsAll(opened), read(opened, abi.SEARCH_SCORED));
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
    const checked = this.limits.estimate(options);
    this.limits.k(k);
    return this.each(query, options, false, (opened) => {
      const estimated = this.estimated(opened, checked, (effort, exact) =>
        exact ? estimateExactly(opened, k, effort.draws) : estimate(opened, k, effort),
      );
      const isExact = estimated.choice?.exact ?? checked.exact;
      const top = topOf(opened, isExact || headIsAll(opened), estimated.scored);
      const probabilities = logProbabilitiesOf(opened, top.scores, estimated.logPartition);
      for (let i = 0; i < probabilities.length; i++) {
        probabilities[i] = opened.kernels.exp64(probabilities[i] as number);
      }
      return { ...top, probabilities, ...estimated };
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
    const checked = this.limits.estimate(options);
    const { tolerance = Number.POSITIVE_INFINITY } = options;
    checkNumber("tolerance", tolerance, 0, Number.POSITIVE_INFINITY);
    return this.each(query, options, true, (opened) =>
      this.estimated(opened, checked, (effort, exact) =>
        exact ? exactWithBracket(opened, effort.draws) : estimateWithin(opened, effort, tolerance),
      ),
    );
  }

  /** log P of these classes, from an estimate of the log-partition; −∞ for those that take no part. */
  logProbability(query: Vector, ids: ArrayLike<number>, options: EstimateOptions & BatchOption): ClassProbabilities[];
  logProbability(query: Vector, ids: ArrayLike<number>, options?: EstimateOptions): ClassProbabilities;
  logProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: EstimateOptions & Partial<BatchOption> = {},
  ): ClassProbabilities | ClassProbabilities[] {
    const checked = this.limits.estimate(options);
    checkIds("ids", ids, this.info.itemCount);
    return this.each(query, options, false, (opened) => {
      const estimated = this.estimated(opened, checked, (effort, exact) =>
        exact ? estimateExactly(opened, 0, effort.draws) : estimate(opened, 0, effort),
      );
      const scores = scoresOf(opened, ids);
      const logProbabilities = logProbabilitiesOf(opened, scores, estimated.logPartition);
      const isExcluded = opened.conditions.exclusion(opened);
      for (let i = 0; i < ids.length; i++) {
        if (isExcluded(ids[i] as number)) logProbabilities[i] = Number.NEGATIVE_INFINITY;
      }
      return { ...estimated, logProbabilities, scored: estimated.scored + ids.length };
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
    const scan = this.limits.scan(options.scan);
    const exact = checkFlag("exact", options.exact);
    const rescore = this.limits.rescore(options.rescore);
    const seed = checkSeed(options.seed);
    this.limits.draws(draws);
    return this.each<ExactDraws | Draws>(query, options, exact, (opened) => {
      const taken = opened.conditions.allowedCount > 0 ? draws : 0;
      if (exact) return { ...drawExact(opened, taken, seed), effectiveSampleSize: taken, seed };
      if (rescore !== undefined)
        return weighed(opened, { ...sampleByCodes(opened, { rescore, draws: taken, seed }), seed });
      const { kernels, plan } = opened;
      kernels.sample(plan.layout, scan, taken, seed);
      const { buffer } = kernels.memory;
      return weighed(opened, {
        ids: new Int32Array(buffer, plan.regions.drawPositions, taken).slice(),
        scores: new Float32Array(buffer, plan.regions.drawScores, taken).slice(),
        logQ: Float32Array.from(new Float64Array(buffer, plan.regions.drawLogQ, taken)),
        scored: read(opened, abi.SEARCH_SCORED),
        seed,
      });
    });
  }

  /**
   * k distinct classes, drawn one after the other from what is left (Gumbel-top-k): from the proposal, or, with `exact`,
   * from the softmax itself. With weights that make sums over them unbiased for sums over all classes.
   *
   * @example
   * const { ids, logWeights } = index.sampleTopK(query, 10, { exact: true, seed: 1 });
   */
  sampleTopK(query: Vector, k: number, options: SampleTopOptions & BatchOption): DistinctDraws[];
  sampleTopK(query: Vector, k: number, options?: SampleTopOptions): DistinctDraws;
  sampleTopK(
    query: Vector,
    k: number,
    options: SampleTopOptions & Partial<BatchOption> = {},
  ): DistinctDraws | DistinctDraws[] {
    const scan = this.limits.scan(options.scan);
    const exact = checkFlag("exact", options.exact);
    const seed = checkSeed(options.seed);
    this.limits.k(k);
    return this.each(query, options, exact, (opened) => {
      const drawn = exact ? drawExactKeys(opened, k, seed) : drawKeys(opened, k, scan, seed);
      const logits = logProbabilitiesOf(opened, drawn.scores, 0);
      const logMasses = exact
        ? logits
        : logQsOf(opened, drawn.ids).map((q) => q + read(opened, abi.SEARCH_LOG_PROPOSAL));
      return { ...drawn, logWeights: logWeights(opened.kernels, logits, logMasses, drawn.threshold), exact, seed };
    });
  }

  /** Exact logits of these classes, in this order; temperature and filters don't enter. */
  score(query: Vector, ids: ArrayLike<number>, options: BatchOption): Float32Array[];
  score(query: Vector, ids: ArrayLike<number>): Float32Array;
  score(query: Vector, ids: ArrayLike<number>, options: Partial<BatchOption> = {}): Float32Array | Float32Array[] {
    checkIds("ids", ids, this.info.itemCount);
    return this.each(query, options, false, (opened) => scoresOf(opened, ids));
  }

  /**
   * The stored rows of these classes as f32, `info.dim` values each, end to end: what scores are exact for. Rows of an
   * index with int8 or f16 rows are roundings of those that it was built from, and rows for cosine have unit length.
   *
   * @example
   * const neighbours = index.topK(index.rows([id]), 10);
   */
  rows(ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
    checkIds("ids", ids, this.info.itemCount);
    return storedRows(this.inUse(), ids);
  }

  /** log Q of these classes under the proposal of `sample(query, ·, options)`: the very numbers `sample` returns. */
  logQ(query: Vector, ids: ArrayLike<number>, options: ProposalOptions & BatchOption): Float32Array[];
  logQ(query: Vector, ids: ArrayLike<number>, options?: ProposalOptions): Float32Array;
  logQ(
    query: Vector,
    ids: ArrayLike<number>,
    options: ProposalOptions & Partial<BatchOption> = {},
  ): Float32Array | Float32Array[] {
    const scan = this.limits.scan(options.scan);
    const rescore = this.limits.rescore(options.rescore);
    checkIds("ids", ids, this.info.itemCount);
    return this.each(query, options, false, (opened) => {
      if (rescore === undefined) {
        opened.kernels.propose(opened.plan.layout, scan, 0);
        return Float32Array.from(logQsOf(opened, ids));
      }
      opened.kernels.proposeByCodes(opened.plan.layout, rescore);
      return Float32Array.from(logQByCodes(opened, positionsOf(opened, ids), scoresOf(opened, ids)));
    });
  }

  /**
   * The query of a bag of features, by id or by name, of an index built with `features`: what the trainer's model makes of
   * them, bit for bit. Without `weights` they weigh what the build's `pooling` says; with positions, the nearest is first.
   *
   * @example
   * const { labels } = index.predict(index.query(["of", "capital", "the"]), 10);
   */
  query(features: readonly Feature[] | Int32Array, options: BagOptions = {}): Float32Array<ArrayBuffer> {
    const { kernels, header, plan } = this.inUse();
    this.bags ??= new FeatureBags(kernels.memory.buffer, header, plan);
    return this.bags.query(features, options);
  }

  /** The labels of these classes, of an index built with labels. */
  labels(ids: ArrayLike<number>): string[] {
    checkIds("ids", ids, this.info.itemCount);
    const names = this.namesInUse();
    return Array.from(ids, (id) => names.of(id));
  }

  /** The classes of these labels. RangeError names one that is not of the index. */
  idsOf(labels: readonly string[]): Int32Array {
    return this.namesInUse().idsOf(labels);
  }

  /** Lets go of the memory. Every later call but this one throws. */
  dispose(): void {
    this.opened = undefined;
    this.queryView = new Float32Array(0); // views keep the memory alive too
    this.names = undefined;
    this.bags = undefined;
  }

  private namesInUse(): Labels {
    const { kernels, header, plan } = this.inUse();
    if (!this.info.hasLabels) throw new RangeError('"labels" expected an index built with "labels", got one without');
    this.names ??= new Labels(labelTable(kernels.memory.buffer, header, plan, "label"));
    return this.names;
  }

  private inUse(): OpenedIndex {
    if (this.opened === undefined) throw new Error("the index has been disposed of");
    return this.opened;
  }

  /** Puts the conditions, then each query in place and collects what `answer` makes of it. */
  private each<T>(
    query: Vector,
    options: ConditionOptions & Partial<BatchOption>,
    needsBounds: boolean,
    answer: (opened: OpenedIndex) => T,
  ): T | T[] {
    const opened = this.inUse();
    const { batch } = options;
    const count = this.limits.batch(query, batch);
    opened.conditions.apply(opened, this.conditionsOf(options));
    if (needsBounds && !opened.hasResiduals) {
      opened.kernels.measureResiduals(opened.plan.layout);
      if (this.info.hasFineCodes) opened.kernels.measureCodeErrors(opened.plan.layout);
      opened.hasResiduals = true;
    }
    const answers: T[] = [];
    for (let row = 0; row < count; row++) {
      copyRow("query", query, row, this.queryView);
      opened.kernels.prepareQuery(opened.plan.layout);
      answers.push(answer(opened));
    }
    return count === 1 && batch === undefined ? (answers[0] as T) : answers;
  }

  private conditionsOf(options: ConditionOptions): CallConditions {
    const { temperature, exclude, allow } = options;
    if (temperature === undefined && exclude === undefined && allow === undefined) return UNCONDITIONAL;
    return checkConditions(options, this.info.itemCount);
  }

  /** The road that `effort` asks for, chosen by measurement with "auto". */
  private estimated<T extends Scored>(
    opened: OpenedIndex,
    { exact, scan, rescore, targetError, draws, seed }: CheckedEstimate,
    road: (effort: Effort, exact: boolean) => T,
  ): T & Estimated {
    if (scan !== "auto" || exact || rescore !== undefined) {
      return { ...road({ scan: scan === "auto" ? 0 : scan, rescore, draws, seed }, exact), seed };
    }
    const choice: ScanChoice = chooseScan(opened, { draws, seed, targetError });
    return { ...road({ scan: choice.scan, rescore: choice.rescore, draws, seed }, choice.exact), seed, choice };
  }
}

function logProbabilitiesOf({ conditions }: OpenedIndex, scores: Float32Array, logPartition: number): Float64Array {
  const log = new Float64Array(scores.length);
  for (let i = 0; i < log.length; i++) log[i] = (scores[i] as number) * conditions.inverseTemperature - logPartition;
  return log;
}

/** The best classes that the last search left. */
function topOf(opened: OpenedIndex, exact: boolean, scored: number): TopK {
  const { kernels, plan } = opened;
  const { buffer } = kernels.memory;
  const count = read(opened, abi.SEARCH_TOP_COUNT);
  return {
    ids: new Int32Array(buffer, plan.regions.topIds, count).slice(),
    scores: new Float32Array(buffer, plan.regions.topScores, count).slice(),
    exact,
    scored,
  };
}

const headIsAll = (opened: OpenedIndex): boolean =>
  read(opened, abi.SEARCH_HEAD_COUNT) === opened.conditions.allowedCount;
