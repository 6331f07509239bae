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
import type {
  AnySampleOptions,
  BatchOption,
  EstimateOptions,
  ExactSampleOptions,
  LogPartitionOptions,
  LogQOptions,
  PredictOptions,
  SampleOptions,
  SampleTopKOptions,
  SlateOptions,
  TopKOptions,
} from "../answers/options.ts";
import type { Vector } from "../checks/check.ts";
import { knownOptions } from "../checks/known-options.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import type { Decoded } from "../decode/decoded.ts";
import type { RecallCurve } from "../format/recall-curve.ts";
import { idsOfLabels, labelsOfIds, metadataOfIds, rowsOfIds } from "./asked-classes.ts";
import {
  logPartitionOf,
  logProbabilityOf,
  predictionOf,
  sampleOf,
  sampleTopKOf,
  slateOf,
  topKOf,
  valuesOf,
} from "./final-answers.ts";
import { askAgain } from "./further-questions.ts";
import { infoOfParts } from "./info-of-parts.ts";
import { mergeAnswers } from "./merge.ts";
import { type Bars, copyBars, withBars } from "./merged-bars.ts";
import { answerWithRecall, copyCurves } from "./merged-recall.ts";
import { inOneState } from "./one-state.ts";
import type { Part, PartInfo } from "./part.ts";
import { askParts, type CallArguments } from "./parted-calls.ts";
import { decodeParts } from "./parted-decode.ts";
import type { PartedOptions } from "./parted-options.ts";
import type { ClassMetadata, PartialAnswer } from "./partial-answer.ts";
import { askPlaced, type HeldPart, type PartPlacement, placeParts } from "./placed-parts.ts";
import type { QueryCall, Question } from "./question.ts";

/**
 * Several parts as one index: the calls of {@link MultiIndex}, with ids among all classes. Parts are indexes in memory ({@link
 * partOf}), or anything else that answers questions. A PartedIndex is a part itself.
 *
 * Calls are asynchronous. `scan`, `rescore` and `draws` of a call are totals of all parts, which share them by their numbers of
 * classes. docs/parts.md says what stays exact.
 */
export class PartedIndex implements Part {
  /** @internal Bundles shorten the names of classes, and consoles print them. */
  static readonly name = "PartedIndex";
  /** Facts about all parts together. Frozen. */
  readonly info: PartInfo;
  /** Changes give them other places. */
  private readonly parts: readonly HeldPart[];
  private readonly curves: readonly RecallCurve[] | undefined;
  private readonly bars: Bars | undefined;

  /**
   * Puts parts together.
   *
   * @param parts parts, or parts with tables of ids, in the order of their classes
   * @param options the recall curves of merged answers, and their calibration
   * @throws RangeError for parts with different `dim`, `metric` or `space`, two with one number, and ids that are not those of all
   *   classes, each once; for recall curves and a calibration that are none
   *
   * @example
   * const parted = new PartedIndex([partOf(index, { number: 0 }), partOf(other, { number: 1 })]);
   */
  constructor(parts: readonly (Part | PartPlacement)[], options: PartedOptions = {}) {
    this.parts = placeParts(parts);
    const { recallCurves, calibration } = knownOptions("PartedIndex", options, ["recallCurves", "calibration"]);
    this.curves = copyCurves(recallCurves);
    this.bars = copyBars(calibration);
    const infos = this.parts.map(({ info }) => info);
    this.info = infoOfParts(infos, this.curves !== undefined);
  }

  /**
   * Asks all parts at once and merges their answers.
   *
   * @param question with ids of all classes
   * @returns the answer of all parts, with ids of all classes
   *
   * @example
   * const question: Question = { call: "topK", query, size: 3, ids: new Int32Array(0), options: { exact: true } };
   * const { top } = await parted.answer(question);
   */
  answer(question: Question): Promise<PartialAnswer> {
    return inOneState(this, (requireState) => this.answerWhile(question, requireState));
  }

  /** @internal Answers a question of a call in one state of the classes. */
  async answerWhile(question: Question, requireState: () => void): Promise<PartialAnswer> {
    const { curves, info } = this;
    const partCount = info.numbers.length; // a part may be several
    const ask = (asked: Question): Promise<PartialAnswer> => {
      requireState();
      return this.merged(asked);
    };
    if (partCount === 1) return ask(question);
    if (curves === undefined) return askAgain(question, info, ask);
    return answerWithRecall(question, { curves, info, partCount }, (asked) => askAgain(asked, info, ask));
  }

  private async merged(question: Question): Promise<PartialAnswer> {
    // Effort is shared by the classes of files: rows that changes add are scored beyond it.
    const itemCount = this.parts.reduce((sum, { info }) => sum + info.itemCount, 0);
    const isAlone = this.parts.length === 1;
    const answers = this.parts.map((held) => askPlaced(held, question, isAlone ? undefined : itemCount));
    const merged = mergeAnswers(question, await Promise.all(answers));
    if (this.info.numbers.length === 1 || this.bars === undefined || merged.estimate === undefined) return merged;
    return { ...merged, estimate: withBars(merged.estimate, this.bars) };
  }

  /**
   * Finds the k classes with the largest scores. With `exact`, ids and scores are those of one index of all classes.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param k how many classes, 0 to `maxK` of every part
   * @param options the effort, conditions, `exact`, `diversity`, `batch` for several queries
   * @returns the classes, best first, with their scores; an array with `batch`
   *
   * @example
   * const { ids, scores } = await parted.topK(query, 10, { exact: true });
   */
  topK(query: Vector, k: number, options: TopKOptions & BatchOption): Promise<TopK[]>;
  topK(query: Vector, k: number, options?: TopKOptions): Promise<TopK>;
  topK(query: Vector, k: number, options: TopKOptions & Partial<BatchOption> = {}): Promise<TopK | TopK[]> {
    return this.ask("topK", query, options, { size: ["k", k] }, (_, answer) => topKOf(answer));
  }

  /**
   * Finds the k best classes of the heads of all parts with their probabilities under the softmax over all classes.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param k how many classes, 0 to `maxK` of every part
   * @param options head, proposal and draws of the estimate, conditions, seed, `exact`, `diversity`, `batch` for several
   *   queries
   * @returns the classes, best first, with scores, probabilities and the estimate of log Z; an array with `batch`
   *
   * @example
   * const { ids, probabilities, standardError } = await parted.predict(query, 10, { seed: 1 });
   */
  predict(query: Vector, k: number, options: PredictOptions & BatchOption): Promise<Prediction[]>;
  predict(query: Vector, k: number, options?: PredictOptions): Promise<Prediction>;
  predict(
    query: Vector,
    k: number,
    options: PredictOptions & Partial<BatchOption> = {},
  ): Promise<Prediction | Prediction[]> {
    return this.ask("predict", query, options, { size: ["k", k] }, predictionOf);
  }

  /**
   * Estimates log Z over all classes, with a standard error and with bounds that certainly hold.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param options head, proposal and draws of the estimate, `tolerance`, conditions, seed, `exact`, `batch` for several
   *   queries
   * @returns the estimate of log Z, its standard error and its bounds; an array with `batch`
   *
   * @example
   * const { logPartition, lower, upper } = await parted.logPartition(query, { draws: 400, seed: 1 });
   */
  logPartition(query: Vector, options: LogPartitionOptions & BatchOption): Promise<LogPartitionAnswer[]>;
  logPartition(query: Vector, options?: LogPartitionOptions): Promise<LogPartitionAnswer>;
  logPartition(
    query: Vector,
    options: LogPartitionOptions & Partial<BatchOption> = {},
  ): Promise<LogPartitionAnswer | LogPartitionAnswer[]> {
    return this.ask("logPartition", query, options, {}, logPartitionOf);
  }

  /**
   * Computes the log-probabilities of given classes from an estimate of log Z.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @param options head, proposal and draws of the estimate, conditions, seed, `exact`, `batch` for several queries
   * @returns one log-probability for each id, in their order, and the estimate of log Z; an array with `batch`
   *
   * @example
   * const { logProbabilities } = await parted.logProbability(query, [7, 42], { seed: 1 });
   */
  logProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: EstimateOptions & BatchOption,
  ): Promise<ClassProbabilities[]>;
  logProbability(query: Vector, ids: ArrayLike<number>, options?: EstimateOptions): Promise<ClassProbabilities>;
  logProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: EstimateOptions & Partial<BatchOption> = {},
  ): Promise<ClassProbabilities | ClassProbabilities[]> {
    return this.ask("logProbability", query, options, { ids }, logProbabilityOf);
  }

  /**
   * Draws classes independently, with replacement, from the proposal of all parts, or with `exact` from the softmax itself.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param draws how many, 0 to `maxDraws` of every part
   * @param options head and proposal, `mixture`, conditions, seed, `exact`, `batch` for several queries
   * @returns the draws with their exact logits and, without `exact`, their log Q; an array with `batch`
   * @throws RangeError for `mixture.popularity` where a part has no biases
   *
   * @example
   * const { ids, scores, logQ } = await parted.sample(query, 100, { seed: 1 });
   */
  sample(query: Vector, draws: number, options: ExactSampleOptions & BatchOption): Promise<ExactDraws[]>;
  sample(query: Vector, draws: number, options: ExactSampleOptions): Promise<ExactDraws>;
  sample(query: Vector, draws: number, options: SampleOptions & BatchOption): Promise<Draws[]>;
  sample(query: Vector, draws: number, options?: SampleOptions): Promise<Draws>;
  sample(query: Vector, draws: number, options: AnySampleOptions & BatchOption): Promise<(ExactDraws | Draws)[]>;
  sample(query: Vector, draws: number, options: AnySampleOptions): Promise<ExactDraws | Draws>;
  sample(
    query: Vector,
    draws: number,
    options: AnySampleOptions & Partial<BatchOption> = {},
  ): Promise<ExactDraws | ExactDraws[]> {
    return this.ask("sample", query, options, { size: ["draws", draws] }, sampleOf);
  }

  /**
   * Draws k distinct classes, one after the other from those that are left: from the proposal by buckets, or with `exact` from
   * the softmax itself.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param k how many classes, 0 to `maxK` of every part
   * @param options head, conditions, seed, `exact`, `batch` for several queries
   * @returns the classes in the order in which they are drawn, with scores and weights; an array with `batch`
   *
   * @example
   * const { ids, logWeights } = await parted.sampleTopK(query, 10, { exact: true, seed: 1 });
   */
  sampleTopK(query: Vector, k: number, options: SampleTopKOptions & BatchOption): Promise<DistinctDraws[]>;
  sampleTopK(query: Vector, k: number, options?: SampleTopKOptions): Promise<DistinctDraws>;
  sampleTopK(
    query: Vector,
    k: number,
    options: SampleTopKOptions & Partial<BatchOption> = {},
  ): Promise<DistinctDraws | DistinctDraws[]> {
    return this.ask("sampleTopK", query, options, { size: ["k", k] }, sampleTopKOf);
  }

  /**
   * Computes the exact logits of given classes, bias included. Conditions do not apply.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @param options `batch` for several queries
   * @returns f32, one logit for each id, in their order; an array with `batch`
   *
   * @example
   * const [first, second] = await parted.score(query, [7, 42]);
   */
  score(query: Vector, ids: ArrayLike<number>, options: Pick<BatchOption, "batch">): Promise<Float32Array[]>;
  score(query: Vector, ids: ArrayLike<number>): Promise<Float32Array>;
  score(
    query: Vector,
    ids: ArrayLike<number>,
    options: Partial<Pick<BatchOption, "batch">> = {},
  ): Promise<Float32Array | Float32Array[]> {
    return this.ask("score", query, options, { ids }, (_, answer) => valuesOf(answer));
  }

  /**
   * Computes log Q, the logarithms of the probabilities with which `sample` draws given classes under the same options. The
   * numbers have the bits that `sample` returns.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @param options head, proposal, `mixture`, conditions, `batch` for several queries
   * @returns f32, one log Q for each id, in their order; −∞ for classes that are filtered out. An array with `batch`
   * @throws RangeError for `mixture.popularity` where a part has no biases
   *
   * @example
   * const logQ = await parted.logQ(query, [7, 42], { scan: 256 });
   */
  logQ(query: Vector, ids: ArrayLike<number>, options: LogQOptions & BatchOption): Promise<Float32Array[]>;
  logQ(query: Vector, ids: ArrayLike<number>, options?: LogQOptions): Promise<Float32Array>;
  logQ(
    query: Vector,
    ids: ArrayLike<number>,
    options: LogQOptions & Partial<BatchOption> = {},
  ): Promise<Float32Array | Float32Array[]> {
    return this.ask("logQ", query, options, { ids }, (_, answer) => valuesOf(answer));
  }

  /**
   * Computes the log-probability of a slate: of drawing these classes in this order, each from those that are left. It is exact
   * of the proposal Q of all parts, and with `exact` of the softmax itself, for which all rows are scored.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param ids classes that differ, integers in [0, `info.itemCount`), the first drawn first
   * @param options head, proposal, conditions, `exact`, `batch` for several queries
   * @returns the log-probability of the slate, and of each class among those that were left; an array with `batch`
   * @throws RangeError for a class that is in the slate twice
   *
   * @example
   * const { ids } = await parted.sampleTopK(query, 5, { seed: 1 });
   * const { logProbability } = await parted.slateLogProbability(query, ids);
   */
  slateLogProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: SlateOptions & BatchOption,
  ): Promise<SlateProbability[]>;
  slateLogProbability(query: Vector, ids: ArrayLike<number>, options?: SlateOptions): Promise<SlateProbability>;
  slateLogProbability(
    query: Vector,
    ids: ArrayLike<number>,
    options: SlateOptions & Partial<BatchOption> = {},
  ): Promise<SlateProbability | SlateProbability[]> {
    return this.ask("slateLogProbability", query, options, { ids }, (_, answer) => slateOf(answer));
  }

  /**
   * Returns the labels of given classes, which it asks their parts for.
   *
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @returns one label for each id, in their order
   * @throws RangeError where a part has no labels
   *
   * @example
   * const names = await parted.labels((await parted.topK(query, 10)).ids);
   */
  labels(ids: ArrayLike<number>): Promise<string[]> {
    return labelsOfIds(this, ids);
  }

  /**
   * Finds the classes with given labels. All parts are asked, and each looks for its own.
   *
   * @param labels labels of classes, in any order
   * @returns the id of each label, in their order
   * @throws RangeError where a part has no labels, and for a label that no part has or that two have, which it names
   *
   * @example
   * const { logProbabilities } = await parted.logProbability(query, await parted.idsOf(["paris", "rome"]));
   */
  idsOf(labels: readonly string[]): Promise<Int32Array> {
    return idsOfLabels(this, labels);
  }

  /**
   * Returns the stored rows of given classes, as the indexes of their parts do.
   *
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @returns f32, (ids × dim): one row for each id, in their order
   *
   * @example
   * const neighbours = await parted.topK(await parted.rows([7]), 10);
   */
  rows(ids: ArrayLike<number>): Promise<Float32Array<ArrayBuffer>> {
    return rowsOfIds(this, ids);
  }

  /**
   * Returns the values of given classes in their columns, as the indexes of their parts do.
   *
   * @param ids classes, integers in [0, `info.itemCount`), in any order
   * @returns the values of each class by the names of its columns, in the order of the ids
   *
   * @example
   * const [seventh] = await parted.metadata([7]);
   */
  metadata(ids: ArrayLike<number>): Promise<ClassMetadata[]> {
    return metadataOfIds(this, ids);
  }

  /**
   * Draws the next class as decoders of language models do (docs/decode.md), from the classes of all parts. The kept classes
   * are those of one index of all classes, and so is the class for a seed, if bounds decide.
   *
   * @param query f32, `info.dim` values, each at most 2^40 in magnitude
   * @param options truncations and their order, conditions, seed, `topLogProbabilities`, `batch` for several queries
   * @returns the class with its log-probability, and the rule that decided which classes were kept; an array with `batch`
   * @throws RangeError if all classes are filtered out, and for a part that has to rank more than 65,536 classes
   *
   * @example
   * const { id, logProbability } = await parted.decode(query, { temperature: 0.7, minP: 0.05, seed: 1 });
   */
  decode(query: Vector, options: DecodeOptions & BatchOption): Promise<Decoded[]>;
  decode(query: Vector, options?: DecodeOptions): Promise<Decoded>;
  decode(query: Vector, options: DecodeOptions & Partial<BatchOption> = {}): Promise<Decoded | Decoded[]> {
    return decodeParts(this, query, options);
  }

  private ask<T>(
    call: QueryCall,
    query: Vector,
    options: object,
    given: Omit<CallArguments, "hasCurve">,
    answerOf: (question: Question, answer: PartialAnswer) => T,
  ): Promise<T | T[]> {
    const hasCurve = this.curves !== undefined || this.info.numbers.length === 1;
    return askParts(this, call, query, options, { ...given, hasCurve }, answerOf);
  }
}
