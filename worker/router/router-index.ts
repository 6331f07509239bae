import { PartedIndex, type PartInfo, type PartialAnswer, type Question } from "../../src/parts/index.ts";
import { askParts, type CallArguments } from "../../src/parts/parted-calls.ts";
import type { BatchOption, ConditionOptions, DecodeOptions, IndexInfo } from "../../src/public.ts";
import type { Manifest } from "../../src/publication/manifest.ts";
import { Problem } from "../contract/problem.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { AnsweringPart } from "../parts/partial-route.ts";
import { AskedGroups, type AskedHow } from "./asked-groups.ts";
import type { Coverage } from "./coverage.ts";
import { mergedInfo, type RouterInfo } from "./merged-info.ts";
import type { RoutedGroup } from "./routed-group.ts";

type Query = Float32Array;
type OptionsOf<
  Name extends "topK" | "predict" | "logPartition" | "logProbability" | "sampleTopK" | "slateLogProbability",
> = Parameters<ServedIndex[Name]> extends [...unknown[], infer Options] ? Options : never;

/** All parts of a generation as the index that a service answers with. Every request asks anew. */
export class RouterIndex implements ServedIndex {
  readonly info: RouterInfo;
  /** Work is done in parts at the same time, so that of the largest counts. */
  readonly sizes: IndexInfo;
  readonly #groups: readonly RoutedGroup[];
  readonly #how: () => Omit<AskedHow, "isPartial">;
  readonly #generation: string;

  constructor(manifest: Manifest, groups: readonly RoutedGroup[], how: () => Omit<AskedHow, "isPartial">) {
    const described = groups.flatMap((group) => group.described ?? []);
    this.info = mergedInfo(manifest, described);
    this.sizes = described.reduce((largest, info) => (info.itemCount > largest.itemCount ? info : largest));
    this.#groups = groups;
    this.#how = how;
    this.#generation = manifest.generation;
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

  /** Asks for a call of which some parts may be missing. `answerOf` gets the answer of those that are there. */
  async ofSome<T>(
    call: Question["call"],
    queries: Query,
    options: ConditionOptions & BatchOption,
    given: CallArguments,
    answerOf: (question: Question, answer: PartialAnswer, coverage: Coverage) => T,
  ): Promise<T[]> {
    const asked = this.#ask(true);
    const answers = askParts(asked, call, queries, options, given, (question, answer) =>
      answerOf(question, answer, asked.coverageOf(answer)),
    );
    return (await answers) as T[];
  }

  /** Some of the parts as one part of another router. */
  partOf(numbers: readonly number[]): AnsweringPart | undefined {
    const groups = this.#groups.filter((group) => group.numbers.every((number) => numbers.includes(number)));
    const found = groups.flatMap((group) => group.numbers).sort((a, b) => a - b);
    if (found.join() !== numbers.join()) return undefined;
    const itemCount = groups.reduce((sum, { classes }) => sum + classes, 0);
    const asked = this.#askOf(groups, { ...this.#partInfo(), itemCount, numbers: found }, false);
    return { info: { ...this.info, itemCount }, answer: (question) => asked.answer(question) };
  }

  encode(): never {
    throw new RangeError('"features" expected vectors, got features: a router has no table of them; encode them first');
  }
  labels(): never {
    throw new Problem("internal", "a router has no labels");
  }
  idsOf(): never {
    throw new Problem("internal", "a router has no labels");
  }
  rows(): never {
    throw new RangeError('"vectorId" expected a vector instead, got an id: a router has no rows');
  }
  dispose(): void {
    // the parts are elsewhere
  }

  #parted(): PartedIndex {
    return new PartedIndex([this.#ask(false)]);
  }

  #ask(isPartial: boolean): AskedGroups {
    return this.#askOf(this.#groups, this.#partInfo(), isPartial);
  }

  #askOf(groups: readonly RoutedGroup[], info: PartInfo, isPartial: boolean): AskedGroups {
    return new AskedGroups(info, groups, { ...this.#how(), isPartial });
  }

  #partInfo(): PartInfo {
    const infos = this.#groups.map(({ info }) => info);
    const { itemCount, dim, metric, hasFineCodes } = this.info;
    return {
      ...{ itemCount, dim, metric, hasFineCodes },
      hasRecallCurve: infos.some(({ hasRecallCurve }) => hasRecallCurve),
      numbers: infos.flatMap(({ numbers }) => numbers).sort((a, b) => a - b),
    };
  }
}
