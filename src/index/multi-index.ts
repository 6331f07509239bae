import * as structs from "../../build/structs.ts";
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
} from "../answers/answers.ts";
import { chooseScan } from "../answers/auto-scan.ts";
import { estimateWithin, exactWithBracket } from "../answers/bracket.ts";
import { sampleByBuckets } from "../answers/by-buckets.ts";
import { logQsOf, positionsOf, scoresOf } from "../answers/by-class.ts";
import { sampleByCodes } from "../answers/by-codes.ts";
import { certifyTop } from "../answers/certified-top.ts";
import { type Effort, estimate, estimateExactly, type Scored } from "../answers/estimate.ts";
import { drawExact } from "../answers/exact-sample.ts";
import { logQByCodes } from "../answers/log-q-by-codes.ts";
import { logWeights } from "../answers/log-weights.ts";
import type {
  AnySampleOptions,
  BagOptions,
  BatchOption,
  EstimateOptions,
  ExactSampleOptions,
  Feature,
  LogPartitionOptions,
  ProposalOptions,
  SampleOptions,
  SampleTopOptions,
  TopOptions,
} from "../answers/options.ts";
import { storedRows } from "../answers/stored-rows.ts";
import { topByCodes } from "../answers/top-by-codes.ts";
import { weighed } from "../answers/weighed.ts";
import { drawExactKeys, drawKeys } from "../answers/without-replacement.ts";
import { checkFlag, checkNumber, checkSeed, type Vector } from "../checks/check.ts";
import { Labels, labelTable } from "../memory/labels.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import { Answering } from "./answering.ts";
import { CallLimits, type CheckedEstimate } from "./call-limits.ts";
import { callOptions } from "./call-options.ts";
import { copyIds } from "./copied-arguments.ts";
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
  topK(query: Vector, k: number, options: TopOptions & BatchOption): TopK[];
  topK(query: Vector, k: number, options?: TopOptions): TopK;
  topK(query: Vector, k: number, options: TopOptions & Partial<BatchOption> = {}): TopK | TopK[] {
    return this.asking.answer("topK", query, options, (given) => {
      const count = this.limits.k(k);
      const { exact, scan, rescore, isMeasured } = this.limits.topEffort(count, given);
      const of = (opened: OpenedIndex): TopK => {
        if (exact) return topOf(opened, true, certifyTop(opened, count));
        if (rescore !== undefined) {
          const found = topByCodes(opened, count, { scan, rescore, fillsUp: isMeasured === true });
          return topOf(opened, found.exact, found.scored);
        }
        opened.kernels.predict(opened.plan.layout, count, scan, 0, 0n);
        return topOf(opened, headIsAll(opened), read(opened, structs.SEARCH_SCORED));
      };
      return { needsBounds: exact, of };
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
      const checked = this.limits.estimate(given);
      const count = this.limits.k(k);
      const of = (opened: OpenedIndex): Prediction => {
        const estimated = this.estimated(opened, checked, (effort, exact) =>
          exact ? estimateExactly(opened, count, effort.draws) : estimate(opened, count, effort),
        );
        const isExact = estimated.choice?.exact ?? checked.exact;
        const top = topOf(opened, isExact || headIsAll(opened), estimated.scored);
        const probabilities = logProbabilitiesOf(opened, top.scores, estimated.logPartition).map((log) =>
          opened.kernels.exp64(log),
        );
        return { ...top, probabilities, ...estimated };
      };
      return { needsBounds: false, of };
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
      const checked = this.limits.estimate(given);
      const { tolerance = Number.POSITIVE_INFINITY } = given;
      checkNumber("tolerance", tolerance, 0, Number.POSITIVE_INFINITY);
      const of = (opened: OpenedIndex): LogPartitionAnswer =>
        this.estimated(opened, checked, (effort, exact) =>
          exact ? exactWithBracket(opened, effort.draws) : estimateWithin(opened, effort, tolerance),
        );
      return { needsBounds: true, of };
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
      const checked = this.limits.estimate(given);
      const asked = this.classes(ids);
      const of = (opened: OpenedIndex): ClassProbabilities => {
        const estimated = this.estimated(opened, checked, (effort, exact) =>
          exact ? estimateExactly(opened, 0, effort.draws) : estimate(opened, 0, effort),
        );
        const logProbabilities = logProbabilitiesOf(opened, scoresOf(opened, asked), estimated.logPartition);
        const isExcluded = opened.conditions.exclusion(opened);
        for (const [i, id] of asked.entries()) if (isExcluded(id)) logProbabilities[i] = Number.NEGATIVE_INFINITY;
        return { ...estimated, logProbabilities, scored: estimated.scored + asked.length };
      };
      return { needsBounds: false, of };
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
      const scan = this.limits.scan(given.scan);
      const exact = checkFlag("exact", given.exact);
      const rescore = this.limits.rescore(given.rescore);
      const seed = checkSeed(given.seed);
      const count = this.limits.draws(draws);
      const of = (opened: OpenedIndex): ExactDraws | Draws => {
        const taken = opened.conditions.allowedCount > 0 ? count : 0;
        if (exact) return { ...drawExact(opened, taken, seed), effectiveSampleSize: taken, seed };
        if (rescore === undefined) return weighed(opened, { ...sampleByBuckets(opened, scan, taken, seed), seed });
        return weighed(opened, { ...sampleByCodes(opened, { rescore, draws: taken, seed }), seed });
      };
      return { needsBounds: exact, of };
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
    return this.asking.answer("sampleTopK", query, options, (given) => {
      const scan = this.limits.scan(given.scan);
      const exact = checkFlag("exact", given.exact);
      const seed = checkSeed(given.seed);
      const count = this.limits.k(k);
      const of = (opened: OpenedIndex): DistinctDraws => {
        const drawn = exact ? drawExactKeys(opened, count, seed) : drawKeys(opened, count, scan, seed);
        const logits = logProbabilitiesOf(opened, drawn.scores, 0);
        const logMasses = exact
          ? logits
          : logQsOf(opened, drawn.ids).map((q) => q + read(opened, structs.SEARCH_LOG_PROPOSAL));
        return { ...drawn, logWeights: logWeights(opened.kernels, logits, logMasses, drawn.threshold), exact, seed };
      };
      return { needsBounds: exact, of };
    });
  }

  /** Exact logits of these classes, in this order; temperature and filters don't enter. */
  score(query: Vector, ids: ArrayLike<number>, options: BatchOption): Float32Array[];
  score(query: Vector, ids: ArrayLike<number>): Float32Array;
  score(query: Vector, ids: ArrayLike<number>, options: Partial<BatchOption> = {}): Float32Array | Float32Array[] {
    return this.asking.answer("score", query, options, () => {
      const asked = this.classes(ids);
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
    const asked = this.classes(ids);
    return storedRows(this.asking.inUse(), asked);
  }

  /** log Q of these classes under the proposal of `sample(query, ·, options)`: the very numbers `sample` returns. */
  logQ(query: Vector, ids: ArrayLike<number>, options: ProposalOptions & BatchOption): Float32Array[];
  logQ(query: Vector, ids: ArrayLike<number>, options?: ProposalOptions): Float32Array;
  logQ(
    query: Vector,
    ids: ArrayLike<number>,
    options: ProposalOptions & Partial<BatchOption> = {},
  ): Float32Array | Float32Array[] {
    return this.asking.answer("logQ", query, options, (given) => {
      const scan = this.limits.scan(given.scan);
      const rescore = this.limits.rescore(given.rescore);
      const asked = this.classes(ids);
      const of = (opened: OpenedIndex): Float32Array => {
        if (rescore === undefined) {
          opened.kernels.propose(opened.plan.layout, scan, 0);
          return Float32Array.from(logQsOf(opened, asked));
        }
        opened.kernels.proposeByCodes(opened.plan.layout, rescore);
        return Float32Array.from(logQByCodes(opened, positionsOf(opened, asked), scoresOf(opened, asked)));
      };
      return { needsBounds: false, of };
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
    const given = callOptions("query", options);
    const { kernels, header, plan } = this.asking.inUse();
    this.bags ??= new FeatureBags(kernels.memory.buffer, header, plan);
    return this.bags.query(features, given);
  }

  /** The labels of these classes, of an index built with labels. */
  labels(ids: ArrayLike<number>): string[] {
    const asked = this.classes(ids);
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

  private classes(ids: ArrayLike<number>): Int32Array {
    return copyIds("ids", ids, this.info.itemCount);
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
  const count = read(opened, structs.SEARCH_TOP_COUNT);
  return {
    ids: new Int32Array(buffer, plan.regions.topIds, count).slice(),
    scores: new Float32Array(buffer, plan.regions.topScores, count).slice(),
    exact,
    scored,
  };
}

const headIsAll = (opened: OpenedIndex): boolean =>
  read(opened, structs.SEARCH_HEAD_COUNT) === opened.conditions.allowedCount;
