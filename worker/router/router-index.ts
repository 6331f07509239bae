import type { SharedEncoder } from "../../src/encoder/shared-encoder.ts";
import {
  type ClassMetadata,
  PartedIndex,
  type PartedOptions,
  type PartInfo,
  type PartialAnswer,
  type Question,
} from "../../src/parts/index.ts";
import { askParts, type CallArguments } from "../../src/parts/parted-calls.ts";
import type { QueryCall } from "../../src/parts/question.ts";
import type { BatchOption, ConditionOptions, DecodeOptions } from "../../src/public.ts";
import { MAX_K } from "../contract/limits.ts";
import type { BuildStatistics, ServedIndex, WorkingParts } from "../host/served-index.ts";
import type { AnsweringPart } from "../parts/answering-part.ts";
import type { AskedParts } from "../parts/asked-parts.ts";
import type { ChangingPart } from "../parts/changing-part.ts";
import type { ChangedIndex } from "./asked-changes.ts";
import { AskedGroups, type AskedHow } from "./asked-groups.ts";
import { type Coverage, isWhole } from "./coverage.ts";
import { groupInfo, type RouterInfo } from "./merged-info.ts";
import type { AskedChanges, Asking } from "./part-client.ts";
import type { MetricsByPart } from "./part-metrics.ts";
import { RequestClasses } from "./request-classes.ts";
import type { RoutedGroup } from "./routed-group.ts";
import type { RouterFacts } from "./router-facts.ts";
import { encoderOfParts } from "./shared-encoder.ts";
import { bandAmong } from "./statistics-of-parts.ts";

/** The share of the time of the router above in which a part must answer the router below. */
const SHARE_BELOW = 0.75;

type Query = Float32Array;
type OptionsOf<
  Name extends "topK" | "predict" | "logPartition" | "logProbability" | "sampleTopK" | "slateLogProbability",
> = Parameters<ServedIndex[Name]> extends [...unknown[], infer Options] ? Options : never;

/** Returns the changes that some parts are brought, and those that a request of another router asks for. */
export type PassedOn = (
  groups: readonly RoutedGroup[],
  asking: () => Asking,
) => { readonly changing: ChangingPart; readonly asked: AskedChanges | undefined };

/**
 * All parts of a generation as the index that a service answers with. Every request asks anew, with an instance of its own,
 * which keeps what its answers carry.
 */
export class RouterIndex implements ServedIndex {
  /** The measurements of merged answers from the build. */
  readonly measured: PartedOptions;
  /** The encoder that the parts share. Undefined if they have none or this router opens none. */
  readonly encoder: SharedEncoder | undefined;
  readonly statistics: BuildStatistics | undefined;
  readonly #facts: RouterFacts;
  readonly groups: readonly RoutedGroup[];
  readonly #how: () => Asking;
  /** The changes that answers have now. Undefined if it follows no log. */
  #changes: (() => ChangedIndex) | undefined;
  readonly #classes = new RequestClasses();
  /** True once parts were missing from an answer. */
  #isOfSome = false;

  constructor(facts: RouterFacts, groups: readonly RoutedGroup[], how: () => Asking) {
    this.#facts = facts;
    this.measured = facts.measured;
    this.encoder = facts.encoder;
    this.statistics = facts.statistics;
    this.groups = groups;
    this.#how = how;
  }

  get info(): RouterInfo {
    return this.#changes?.().info ?? this.#facts.info;
  }

  get parts(): WorkingParts {
    return this.#changes?.().parts ?? this.#facts.parts;
  }

  /** Lets all later answers have the changes that `changes` returns when they begin. */
  follow(changes: () => ChangedIndex): void {
    this.#changes = changes;
  }

  /**
   * Answers a request with an index of its own. Labels that the request names, and classes whose labels or rows no answer has
   * carried, are noted and looked up: then the answer begins anew, and has them. An answer of some of the parts is counted.
   */
  async answerOnce<T>(answer: (index: RouterIndex) => Promise<T>, metrics: Pick<MetricsByPart, "partial">): Promise<T> {
    const own = new RouterIndex(this.#facts, this.groups, this.#how);
    const changes = this.#changes?.();
    if (changes) own.follow(() => changes);
    for (;;) {
      own.#isOfSome = false;
      try {
        const answered = await answer(own);
        if (own.#isOfSome) metrics.partial++;
        return answered;
      } catch (error) {
        if (!own.#classes.isPending) throw error;
      }
      await own.#classes.settle(own.#askOf(own.groups, own.#partInfo(), { isPartial: true }));
    }
  }

  topK(queries: Query, k: number, options: OptionsOf<"topK">) {
    return this.#parted().topK(queries, k, options);
  }

  predict(queries: Query, k: number, options: OptionsOf<"predict">) {
    return this.#parted().predict(queries, k, options);
  }

  logPartition(queries: Query, options: OptionsOf<"logPartition">) {
    return this.#parted().logPartition(queries, options);
  }

  logProbability(queries: Query, ids: Int32Array, options: OptionsOf<"logProbability">) {
    return this.#parted().logProbability(queries, ids, options);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the overloads of sample are those of PartedIndex
  sample(queries: Query, draws: number, options: any): Promise<any[]> {
    return this.#parted().sample(queries, draws, options);
  }

  sampleTopK(queries: Query, k: number, options: OptionsOf<"sampleTopK">) {
    return this.#parted().sampleTopK(queries, k, options);
  }

  slateLogProbability(queries: Query, ids: Int32Array, options: OptionsOf<"slateLogProbability">) {
    return this.#parted().slateLogProbability(queries, ids, options);
  }

  decode(queries: Query, options: DecodeOptions & BatchOption) {
    return this.#parted().decode(queries, options);
  }

  /**
   * Asks a call that some parts may leave unanswered, and that has no recall. `answerOf` gets the merged answer of the others: its
   * top k and its lower bound hold, while its estimate and its error bars mean something only if no part is missing.
   */
  async ofSome<T>(
    call: QueryCall,
    queries: Query,
    options: ConditionOptions & BatchOption,
    given: Omit<CallArguments, "hasCurve">,
    answerOf: (question: Question, answer: PartialAnswer, coverage: Coverage) => T,
  ): Promise<T[]> {
    const asked = this.#ask(true);
    const parted = new PartedIndex([asked], this.measured);
    const answers = askParts(parted, call, queries, options, { ...given, hasCurve: false }, (question, answer) => {
      const coverage = asked.coverageOf(answer);
      if (!isWhole(coverage)) this.#isOfSome = true;
      return answerOf(question, answer, coverage);
    });
    return (await answers) as T[];
  }

  /** Returns some of the parts as one part of another router, with changes that this one passes on. */
  partOf({ numbers, isPartial, deadlineMs: most }: AskedParts, passedOn?: PassedOn): AnsweringPart | undefined {
    const groups = this.groups.filter((group) => group.numbers.every((number) => numbers.includes(number)));
    const found = groups.flatMap((group) => group.numbers).sort((a, b) => a - b);
    if (found.join() !== numbers.join()) return undefined;
    const fileCount = groups.reduce((sum, { classes }) => sum + classes, 0);
    const { changing, asked: changes } = passedOn?.(groups, this.#how) ?? {};
    const itemCount = (changes?.added ?? []).reduce((sum, { length }) => sum + length, fileCount);
    const info = { ...this.#partInfo(), itemCount, numbers: found };
    const described = groups.flatMap((group) => group.described ?? []);
    const facts = groupInfo(this.info, described, this.parts.turns === 1);
    // The router above is to learn which part is silent before it stops waiting.
    const deadlineMs = Math.ceil(Math.min(this.#how().deadlineMs, SHARE_BELOW * most));
    const asked = this.#askOf(groups, info, { isForRouter: true, isPartial, changes, deadlineMs });
    return {
      info: { ...this.info, itemCount },
      described: { ...facts, itemCount: fileCount },
      parts: this.parts,
      changes: changing,
      answer: (question) => asked.answer(question),
      bandOf: bandAmong(groups),
      encoder: () => encoderOfParts(groups, this.#how(), (message) => message),
    };
  }

  encode(): never {
    throw new RangeError('"features" expected vectors, got features: a router has no table of them; encode them first');
  }
  /** Returns labels that answers of this request have carried, or begins anew once they are asked for. */
  labels(ids: ArrayLike<number>): string[] {
    return this.#classes.labels(ids);
  }
  idsOf(labels: readonly string[]): Int32Array {
    return Int32Array.from(labels, (label) => this.#classes.idOf(label));
  }
  /** Returns rows in the way in which labels returns labels. */
  rows(ids: ArrayLike<number>): Float32Array {
    return this.#classes.rows(ids, this.info.dim);
  }
  /** Returns values in columns that answers of this request have carried. */
  metadata(ids: ArrayLike<number>): ClassMetadata[] {
    return this.#classes.metadata(ids);
  }

  isRemoved(id: number): boolean {
    return this.#changes?.().isRemoved(id) ?? false;
  }

  /** Lets answers of this request carry rows, or the values in columns. */
  carry(what: { readonly rows: boolean; readonly metadata: boolean }): void {
    this.#classes.withRows = what.rows;
    this.#classes.withMetadata = what.metadata;
  }

  dispose(): void {
    // the parts are elsewhere
  }

  #parted(): PartedIndex {
    return new PartedIndex([this.#ask(false)], this.measured);
  }

  #ask(isPartial: boolean): AskedGroups {
    if (this.#classes.isPending) throw new Error("classes have yet to be looked up"); // answerOnce does so
    return this.#askOf(this.groups, this.#partInfo(), { isPartial, classes: this.#classes });
  }

  #askOf(
    groups: readonly RoutedGroup[],
    info: PartInfo,
    how: Omit<AskedHow, "hedgeMs" | "gate" | "deadlineMs"> & Partial<Pick<Asking, "deadlineMs">>,
  ): AskedGroups {
    return new AskedGroups(info, groups, { ...this.#how(), changes: this.#changes?.(), ...how });
  }

  #partInfo(): PartInfo {
    const infos = this.groups.map(({ info }) => info);
    const { itemCount, dim, metric, hasFineCodes, hasLabels, columns = [] } = this.info;
    return {
      itemCount,
      dim,
      metric,
      hasFineCodes,
      hasLabels,
      columns,
      maxK: MAX_K,
      hasRecallCurve: infos.some(({ hasRecallCurve }) => hasRecallCurve),
      numbers: infos.flatMap(({ numbers }) => numbers).sort((a, b) => a - b),
    };
  }
}
