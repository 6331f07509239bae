import * as abi from "./abi.ts";
import type { Draws, LogPartitionAnswer, Prediction, TopK } from "./answers.ts";
import { checkBatch, checkCount, checkFlag, checkIds, checkSeed, copyQuery, type Vector } from "./check.ts";
import { estimateLogPartition, type LogPartition, type Moments } from "./estimate.ts";
import { drawExact, scanAll } from "./full-scan.ts";
import type { IndexInfo } from "./info.ts";
import type { OpenedIndex } from "./opened-index.ts";
import {
  type BatchOption,
  DEFAULT_DRAWS,
  DEFAULT_SCAN,
  type EstimateOptions,
  type ExactOption,
  type SampleOptions,
  type ScanOption,
} from "./options.ts";
import type { Limits } from "./plan.ts";

/**
 * A loaded index. All calls are synchronous; answers are copies.
 *
 * Every method takes one query of `info.dim` values, or several end to end, and answers the latter with an array; say
 * `batch` to have the array in the type too (and for a batch of one). A batch gives bit for bit the single answers.
 *
 * Throws TypeError and RangeError that name the argument; an Error once the index is disposed.
 */
export class MultiIndex {
  readonly info: IndexInfo;
  private opened: OpenedIndex | undefined;
  private readonly limits: Limits;
  private queryView: Float32Array;
  private searchView: Float64Array;

  /** @internal Use load. */
  constructor(opened: OpenedIndex, info: IndexInfo, limits: Limits) {
    this.opened = opened;
    this.info = info;
    this.limits = limits;
    const { kernels, plan } = opened;
    this.queryView = new Float32Array(kernels.memory.buffer, plan.regions.query, info.dim);
    this.searchView = new Float64Array(kernels.memory.buffer, plan.regions.search, abi.SEARCH_BYTES / 8);
  }

  /**
   * The k best classes of the head, by exact score: a class outside of the `scan` classes of the best buckets is missed,
   * unless `exact` has every row scored.
   *
   * @example
   * const { ids, scores } = index.topK(query, 10);
   */
  topK(query: Vector, k: number, options: ScanOption & ExactOption & BatchOption): TopK[];
  topK(query: Vector, k: number, options?: ScanOption & ExactOption): TopK;
  topK(query: Vector, k: number, options: ScanOption & ExactOption & Partial<BatchOption> = {}): TopK | TopK[] {
    const scan = this.checkScan(options.scan);
    const exact = checkFlag("exact", options.exact);
    this.checkK(k);
    return this.each(query, options.batch, (opened) => {
      if (exact) scanAll(opened, k);
      else opened.kernels.predict(opened.plan.layout, k, scan, 0, 0n);
      return this.top(exact);
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
    const checked = this.checkEstimate(options);
    this.checkK(k);
    return this.each(query, options.batch, (opened) => {
      const { kernels } = opened;
      const estimate = this.estimate(opened, k, checked);
      const top = this.top(checked.exact);
      const probabilities = new Float64Array(top.ids.length);
      for (let i = 0; i < probabilities.length; i++) {
        probabilities[i] = kernels.exp64((top.scores[i] as number) - estimate.logPartition);
      }
      return { ...top, probabilities, ...estimate, seed: checked.seed };
    });
  }

  /** log Z = log Σ e^score over all classes: the head exactly, the tail from draws; or all of it with `exact`. */
  logPartition(query: Vector, options: EstimateOptions & BatchOption): LogPartitionAnswer[];
  logPartition(query: Vector, options?: EstimateOptions): LogPartitionAnswer;
  logPartition(
    query: Vector,
    options: EstimateOptions & Partial<BatchOption> = {},
  ): LogPartitionAnswer | LogPartitionAnswer[] {
    const checked = this.checkEstimate(options);
    return this.each(query, options.batch, (opened) => ({
      ...this.estimate(opened, 0, checked),
      seed: checked.seed,
      scored: this.scored(checked.exact),
    }));
  }

  /**
   * Independent draws from the proposal: softmax over the head's exact scores and the tail's quantised ones
   * (`scan: 0` is plain MIDX); or, with `exact`, from the softmax itself. score − logQ is the importance weight, and what
   * a sampled-softmax loss needs.
   *
   * @example
   * const { ids, scores, logQ } = index.sample(query, 100, { seed: 1 });
   */
  sample(query: Vector, draws: number, options: SampleOptions & BatchOption): Draws[];
  sample(query: Vector, draws: number, options?: SampleOptions): Draws;
  sample(query: Vector, draws: number, options: SampleOptions & Partial<BatchOption> = {}): Draws | Draws[] {
    const scan = this.checkScan(options.scan);
    const exact = checkFlag("exact", options.exact);
    const seed = checkSeed(options.seed);
    checkCount("draws", draws, this.limits.maxDraws, "maxDraws");
    const taken = this.info.itemCount > 0 ? draws : 0;
    return this.each(query, options.batch, (opened) => {
      if (exact) return { ...drawExact(opened, scanAll(opened, 0), taken, seed), scored: this.scored(exact), seed };
      const { kernels, plan } = opened;
      kernels.sample(plan.layout, scan, taken, seed);
      const { buffer } = kernels.memory;
      return {
        ids: new Int32Array(buffer, plan.regions.drawPositions, taken).slice(),
        scores: new Float32Array(buffer, plan.regions.drawScores, taken).slice(),
        logQ: Float32Array.from(new Float64Array(buffer, plan.regions.drawLogQ, taken)),
        scored: this.scored(exact),
        seed,
      };
    });
  }

  /** Exact logits of these classes, in this order. */
  score(query: Vector, ids: ArrayLike<number>, options: BatchOption): Float32Array[];
  score(query: Vector, ids: ArrayLike<number>): Float32Array;
  score(query: Vector, ids: ArrayLike<number>, options: Partial<BatchOption> = {}): Float32Array | Float32Array[] {
    checkIds(ids, this.info.itemCount);
    return this.each(query, options.batch, ({ kernels, plan }) => {
      kernels.prepareQuery(plan.layout);
      const scores = new Float32Array(ids.length);
      this.inChunks(ids, (chunk, at, count) => {
        kernels.scoreIds(plan.layout, chunk, count, plan.regions.drawScores);
        scores.set(new Float32Array(kernels.memory.buffer, plan.regions.drawScores, count), at);
      });
      return scores;
    });
  }

  /** log Q of these classes under the proposal of `sample(query, ·, options)`: the very numbers `sample` returns. */
  logQ(query: Vector, ids: ArrayLike<number>, options: ScanOption & BatchOption): Float32Array[];
  logQ(query: Vector, ids: ArrayLike<number>, options?: ScanOption): Float32Array;
  logQ(
    query: Vector,
    ids: ArrayLike<number>,
    options: ScanOption & Partial<BatchOption> = {},
  ): Float32Array | Float32Array[] {
    const scan = this.checkScan(options.scan);
    checkIds(ids, this.info.itemCount);
    return this.each(query, options.batch, ({ kernels, plan }) => {
      kernels.propose(plan.layout, scan, 0);
      const logQ = new Float32Array(ids.length);
      this.inChunks(ids, (_, at, count) => {
        kernels.logQOf(plan.layout, count);
        logQ.set(new Float64Array(kernels.memory.buffer, plan.regions.drawLogQ, count), at);
      });
      return logQ;
    });
  }

  /** Lets go of the memory. Every later call but this one throws. */
  dispose(): void {
    this.opened = undefined;
    // Views keep the memory alive too.
    this.queryView = new Float32Array(0);
    this.searchView = new Float64Array(0);
  }

  private checkK(k: number): void {
    checkCount("k", k, this.limits.maxK, "maxK");
  }

  /** Everything may be asked for by any number where the cap allows to scan everything. */
  private checkScan(scan: number = Math.min(DEFAULT_SCAN, this.limits.maxScan)): number {
    const { itemCount } = this.info;
    const limit = itemCount <= this.limits.maxScan ? Number.POSITIVE_INFINITY : this.limits.maxScan;
    return Math.min(checkCount("scan", scan, limit, "maxScan"), itemCount);
  }

  private checkDraws(draws: number = Math.min(DEFAULT_DRAWS, this.limits.maxDraws)): number {
    return checkCount("draws", draws, this.limits.maxDraws, "maxDraws");
  }

  private checkEstimate(options: EstimateOptions): CheckedEstimate {
    return {
      exact: checkFlag("exact", options.exact),
      scan: this.checkScan(options.scan),
      draws: this.checkDraws(options.draws),
      seed: checkSeed(options.seed),
    };
  }

  /** Puts each query in place and collects what `answer` makes of it. */
  private each<T>(query: Vector, batch: number | undefined, answer: (opened: OpenedIndex) => T): T | T[] {
    const { opened } = this;
    if (opened === undefined) throw new Error("the index has been disposed of");
    const count = checkBatch(query, this.info.dim, batch, this.limits.maxBatch);
    const answers: T[] = [];
    for (let row = 0; row < count; row++) {
      copyQuery(query, row, this.queryView);
      answers.push(answer(opened));
    }
    return count === 1 && batch === undefined ? (answers[0] as T) : answers;
  }

  /** Hands `ids` to `visit` in pieces that fit the draw buffers. */
  private inChunks(ids: ArrayLike<number>, visit: (address: number, at: number, count: number) => void): void {
    const { kernels, plan } = this.opened as OpenedIndex;
    const address = plan.regions.drawPositions;
    for (let at = 0; at < ids.length; at += plan.drawCapacity) {
      const count = Math.min(plan.drawCapacity, ids.length - at);
      const chunk = new Int32Array(kernels.memory.buffer, address, count);
      for (let i = 0; i < count; i++) chunk[i] = ids[at + i] as number;
      visit(address, at, count);
    }
  }

  private read(field: number): number {
    return this.searchView[field / 8] as number;
  }

  /** Rows that the last call read. */
  private scored(exact: boolean): number {
    return exact ? this.info.itemCount : this.read(abi.SEARCH_SCORED);
  }

  private top(exact: boolean): TopK {
    const { kernels, plan } = this.opened as OpenedIndex;
    const { buffer } = kernels.memory;
    const count = this.read(abi.SEARCH_TOP_COUNT);
    return {
      ids: new Int32Array(buffer, plan.regions.topIds, count).slice(),
      scores: new Float32Array(buffer, plan.regions.topScores, count).slice(),
      exact: exact || this.read(abi.SEARCH_HEAD_COUNT) === this.info.itemCount,
      scored: this.scored(exact),
    };
  }

  /** Also leaves the k best in place for `top`. */
  private estimate(opened: OpenedIndex, k: number, { exact, scan, draws, seed }: CheckedEstimate): LogPartition {
    const { kernels, plan } = opened;
    if (exact) {
      const { logPartition } = scanAll(opened, k);
      return { logPartition, standardError: 0, effectiveSampleSize: draws, lowEss: false };
    }
    kernels.predict(plan.layout, k, scan, draws, seed);
    const moments: Moments = {
      headMass: this.read(abi.SEARCH_HEAD_MASS),
      tailMass: this.read(abi.SEARCH_TAIL_MASS),
      tailMean: this.read(abi.SEARCH_TAIL_MEAN),
      tailSquareMean: this.read(abi.SEARCH_TAIL_SQUARE_MEAN),
      logShift: this.read(abi.SEARCH_LOG_SHIFT),
      drawCount: this.read(abi.SEARCH_DRAW_COUNT),
    };
    return estimateLogPartition(moments, draws, kernels.log64);
  }
}

interface CheckedEstimate {
  readonly exact: boolean;
  readonly scan: number;
  readonly draws: number;
  readonly seed: bigint;
}
