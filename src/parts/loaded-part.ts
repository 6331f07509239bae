import * as structs from "../../build/structs.ts";
import { headHoldsAllowed } from "../answers/allowed-head.ts";
import type { Estimated, LogPartitionAnswer } from "../answers/answers.ts";
import { conditionedScoresOf, logQsOf } from "../answers/by-class.ts";
import { log64 } from "../arithmetic/exp-log.ts";
import { checkCount, shown } from "../checks/check.ts";
import { checkIndex } from "../checks/check-index.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import { checkRanked } from "../decode/ranked.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { hasRecallCurve } from "../index/recall-effort.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { carriesClasses, listedIds, storedClasses } from "./classes.ts";
import { termsOf } from "./estimate-terms.ts";
import { logPartitionFields } from "./log-partition-fields.ts";
import { lawsOf, mixedDraws } from "./mixed-draws.ts";
import { isMixed } from "./mixtures.ts";
import { certifiedRanksOf, limitsOf, logMassOf, openedOf, slateMassesOf } from "./opened-of.ts";
import { MOST_GENERATION, MOST_NUMBER, type Part, type PartInfo } from "./part.ts";
import type { PartialAnswer, PartialEstimate, PartialValues } from "./partial-answer.ts";
import type { Question, QuestionCall, QuestionOptions } from "./question.ts";
import { arrivalNumbers, seedOfPart } from "./random-numbers.ts";
import { keptRanks, MOST_RANKED } from "./ranks.ts";

/** A question as the index is asked it: with the seed of the part. */
interface Asked extends Question {
  readonly index: MultiIndex;
  /** The memory, in which a call leaves more than it returns. */
  readonly opened: OpenedIndex;
  /** The seed that all parts are asked with. */
  readonly callSeed: bigint;
}

type Pieces = Omit<PartialAnswer, "call" | "parts" | "generation" | "queryHash">;

/** The function that answers each call. The public calls check their arguments, which may come from another machine. */
const ANSWERS: Readonly<Record<QuestionCall, (asked: Asked) => Pieces>> = {
  topK: ({ index, query, size, options }) => {
    const { ids, scores, exact, scored } = index.topK(query, size, options as NumericScan);
    return { scored, top: { ids, scores, exact } };
  },
  predict: ({ index, opened, query, size, options }) => {
    const answer = index.predict(query, size, options);
    const { ids, scores, exact, scored } = answer;
    return { scored, top: { ids, scores, exact }, estimate: estimateOf(opened, answer) };
  },
  logPartition: ({ index, opened, query, options }) => {
    const answer: LogPartitionAnswer = index.logPartition(query, options);
    const { lower, upper, scored } = answer;
    return { scored, estimate: { ...estimateOf(opened, answer), bounds: { lower, upper } } };
  },
  logProbability: ({ index, opened, query, ids, options }) => {
    const answer = index.logProbability(query, ids, options);
    const values = valuesOf(conditionedScoresOf(opened, ids), 0);
    return { scored: answer.scored, estimate: estimateOf(opened, answer), values };
  },
  sample: (asked) => (asked.options.exact === true ? arrivals(asked) : draws(asked)),
  sampleTopK: ({ index, opened, query, size, options }) => {
    const { ids, scores, keys, threshold, exact, scored } = index.sampleTopK(query, size, options as NumericScan);
    const { inverseTemperature } = opened.conditions;
    const logMasses = exact
      ? Float64Array.from(scores, (score) => score * inverseTemperature)
      : logQsOf(opened, ids).map((log) => log + read(opened, structs.SEARCH_LOG_PROPOSAL));
    return { scored, keys: { ids, scores, keys, logMasses, threshold, exact } };
  },
  score: ({ index, query, ids }) => ({ scored: ids.length, values: valuesOf(index.score(query, ids), 0) }),
  logQ: ({ index, opened, query, ids, options }) => {
    const logQ = index.logQ(query, ids, options as NumericScan);
    const values = valuesOf(logQ, logMassOf(opened));
    return {
      scored: read(opened, structs.SEARCH_HEAD_COUNT) + ids.length,
      values: isMixed(options) ? { ...values, laws: lawsOf(index, ids, options) } : values,
    };
  },
  slateLogProbability: ({ index, opened, query, ids, options }) => {
    const { logs, logRest, scored, exact } = slateMassesOf(index, query, ids, options as NumericScan);
    const places = Int32Array.from(ids, (_, place) => place);
    const logMass = exact ? 0 : logMassOf(opened);
    const hasMass = logMass > Number.NEGATIVE_INFINITY; // without, log Q is of no scale
    return { scored, slate: { places, logs, logRest: hasMass ? logRest : logMass, logMass, exact } };
  },
  classes: () => ({ scored: 0 }),
  decode: ({ index, query, size, options }) => {
    const maxRanked = Math.min(options.maxRanked ?? MOST_RANKED, MOST_RANKED);
    const { ranked, scored } = certifiedRanksOf(index, query, { ...options, topK: size, maxRanked });
    const top = keptRanks(ranked, { size, options });
    checkRanked(top.ids.length, MOST_RANKED);
    return { scored, top };
  },
};

/** Calls that take no `"auto"` refuse it themselves. */
type NumericScan = QuestionOptions & { readonly scan: number; readonly exact: false };

const valuesOf = (values: Float32Array, logMass: number): PartialValues => ({
  places: Int32Array.from(values, (_, place) => place),
  values,
  logMass,
});

function estimateOf(opened: OpenedIndex, answer: Estimated): PartialEstimate {
  return {
    ...logPartitionFields(answer),
    terms: termsOf(opened, answer),
    ...(answer.choice && { choice: answer.choice }),
  };
}

function draws({ index, opened, query, size, options, callSeed }: Asked): Pieces {
  const { mixture: _, ...plain } = options;
  const drawn = index.sample(query, size, plain as NumericScan);
  const mixed = isMixed(options) ? mixedDraws(index, drawn, options, callSeed) : { ...drawn, laws: undefined };
  const { scored, ids, scores, logQ, laws } = mixed;
  return { scored, draws: { ids, scores, logQ, logMass: logMassOf(opened), ...(laws && { laws }) } };
}

/**
 * Exact draws are the accepted proposals of a stream, and the rate of the stream is the mass of the proposal. Each draw follows
 * the last one by the number of proposals that it took.
 */
function arrivals({ index, opened, query, size, options }: Asked): Pieces {
  const { ids, scores, scored, seed } = index.sample(query, size, { ...options, exact: true } as ExactOptions);
  const { kernels, plan } = opened;
  const taken = new Float64Array(kernels.memory.buffer, plan.regions.drawFactors, ids.length);
  const isAllowed = headHoldsAllowed(opened, 0);
  const logRate = read(opened, structs.SEARCH_LOG_PROPOSAL);
  const uniform = arrivalNumbers({ seed, queryHash: queryHashOf(opened) });
  let proposals = 0;
  let time = 0;
  const logTimes = Float64Array.from(ids, (_, draw) => {
    const end = proposals + (isAllowed ? 1 : (taken[draw] as number));
    while (proposals < end) time -= log64(uniform(proposals++));
    return log64(time) - logRate;
  });
  return { scored, arrivals: { ids, scores, logTimes, allowedCount: opened.conditions.allowedCount } };
}

type ExactOptions = Omit<QuestionOptions, "scan" | "proposal"> & { readonly exact: true };

const queryHashOf = ({ kernels, plan }: OpenedIndex): bigint =>
  new DataView(kernels.memory.buffer).getBigUint64(plan.regions.search + structs.SEARCH_QUERY_HASH, true);

/** Options of {@link partOf}. */
export interface PartOptions {
  /**
   * The number of the part among all parts, 0 to 2^31 − 1: it enters the random numbers, so no two parts may have the same.
   * Replicas of a part share it. Default 0, with the random numbers of the index by itself.
   */
  readonly number?: number;
  /** The name of the version of all parts: answers of two versions are not merged. Default: none. */
  readonly generation?: string;
}

/** An index in memory as a part. */
class LoadedPart implements Part {
  readonly info: PartInfo;
  private readonly index: MultiIndex;
  private readonly generation: string;

  constructor(index: MultiIndex, number: number, generation: string) {
    const { itemCount, dim, metric, hasFineCodes, hasLabels, space, columns = [] } = index.info;
    const { maxK, maxScan, maxDraws } = limitsOf(index);
    this.index = index;
    this.generation = generation;
    this.info = Object.freeze({
      itemCount,
      dim,
      metric,
      hasFineCodes,
      hasLabels,
      hasRecallCurve: hasRecallCurve(index.info),
      ...(space !== undefined && { space }),
      columns,
      ...{ maxK, maxScan, maxDraws },
      numbers: Object.freeze([number]),
    });
  }

  answer(question: Question): PartialAnswer {
    const { index } = this;
    const opened = openedOf(index);
    const { call, ids } = question;
    const { withLabels, withRows, withDirections, withMetadata, labels, ...options } = question.options;
    const { seed } = options;
    const own = seed === undefined ? options : { ...options, seed: seedOfPart(seed, this.info.numbers[0] as number) };
    const pieces = ANSWERS[call]({ ...question, options: own, index, opened, callSeed: seed ?? 0n });
    const queryHash = call === "classes" ? 0n : queryHashOf(opened);
    const listed = call === "classes" ? ids : listedIds(pieces);
    return {
      call,
      parts: this.info.numbers,
      generation: this.generation,
      queryHash,
      ...pieces,
      ...(carriesClasses(question) && {
        classes: storedClasses(index, listed, question.options),
      }),
    };
  }
}

/**
 * Makes a part of a loaded index.
 *
 * @param index an index, which answers by itself as before
 * @param options the number of the part, and its generation
 * @returns the part
 * @throws TypeError or RangeError for a number that is none; RangeError for an index with changes, which a PartedIndex takes
 *
 * @example
 * const first = partOf(index, { number: 0 });
 */
export function partOf(index: MultiIndex, options: PartOptions = {}): Part {
  const { number = 0, generation = "" } = optionsWithoutNull("partOf", options, ["number", "generation"]);
  checkCount("number", number, MOST_NUMBER, "2^31 − 1");
  if (typeof generation !== "string") throw new TypeError(`"generation" expected a text, got ${shown(generation)}`);
  const { length } = new TextEncoder().encode(generation);
  if (length > MOST_GENERATION) {
    throw new RangeError(`"generation" expected at most ${MOST_GENERATION} bytes of UTF-8, got ${length}`);
  }
  if (checkIndex(index).changes) {
    throw new RangeError(
      '"index" expected one without changes: make the part first, and apply them to the PartedIndex',
    );
  }
  return new LoadedPart(index, number, generation);
}
