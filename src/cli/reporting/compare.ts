import { evaluateAsked } from "../../train/evaluation/evaluate-inlined.ts";
import { readEvenly } from "../arguments/held-out.ts";
import type { AskedIndex } from "../asking/asked-index.ts";
import { openItemEncoder } from "../asking/item-encoder.ts";
import { cpuCost } from "../evaluating/price.ts";
import { textsOf } from "../inputs/text-source.ts";
import type { Progress } from "../output/progress.ts";
import { type Candidate, candidateOf } from "../policy/candidate.ts";
import { type PolicyQuery, readDraws, readQueries, readRewards } from "../policy/inputs.ts";
import { type JoinedValue, type JoinOptions, joinedValue } from "../policy/joined-value.ts";
import { InputError } from "../policy/json-lines.ts";
import { valueDifference } from "../policy/value-difference.ts";
import type { Compared, Pair, Side } from "./compared.ts";
import { recallDifference } from "./recall-difference.ts";
import { medianTimes, timesInTurns } from "./times-in-turns.ts";

export interface ReportOptions extends Pick<JoinOptions, "missing"> {
  readonly queries: string;
  /** The same queries as the model of the second index makes them. Default: those of the first. */
  readonly queriesB?: string;
  readonly limit: number;
  readonly log?: readonly string[];
  readonly rewards?: string;
  readonly logQueries?: string;
  readonly temperatureA?: number;
  readonly temperatureB?: number;
}

interface Opened {
  readonly file: string;
  readonly index: AskedIndex;
}

interface Running {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Measures two indexes on the same queries and by the same log. */
export async function compare(
  opened: Pair<Opened>,
  options: ReportOptions,
  { progress, signal }: Running,
): Promise<Omit<Compared, "madeBy">> {
  const [a, b] = opened;
  if (a.index.info.dim !== b.index.info.dim && options.queriesB === undefined) {
    const { dim } = a.index.info;
    throw new RangeError(
      `${b.file} expected ${dim} dimensions, as ${a.file} has, or '--queries-b', got ${b.index.info.dim}`,
    );
  }
  for (const { file, index } of opened) {
    if (index.info.itemCount === 0) throw new RangeError(`${file} expected at least one class, got none`);
  }
  const [ofA, ofB] = await readQueriesOf(opened, options);
  const evaluated = async ({ index }: Opened, queries: Float32Array, phase: string) =>
    evaluateAsked(index, queries, {
      onProgress: (done, total) => progress.report({ phase, done, total }),
      signal,
    });
  const evaluations = [await evaluated(a, ofA, "measure A"), await evaluated(b, ofB, "measure B")] as const;
  const rounds = await timesInTurns([
    { index: a.index, queries: ofA, effort: evaluations[0].effort },
    { index: b.index, queries: ofB, effort: evaluations[1].effort },
  ]);
  const temperatures = [options.temperatureA ?? 1, options.temperatureB ?? 1] as const;
  const values = await valuesOf([a.index, b.index], temperatures, options);
  const sideOf = ({ file, index }: Opened, i: 0 | 1): Side => {
    const times = medianTimes(rounds[i]);
    const { itemCount, dim, metric, factory, contentId, fileBytes, memoryBytes } = index.info;
    return {
      file,
      index: { itemCount, dim, metric, factory, contentId, fileBytes, memoryBytes },
      temperature: temperatures[i],
      evaluation: evaluations[i],
      rounds: rounds[i],
      times,
      cost: cpuCost(times),
      ...(values && { value: values.sides[i] }),
    };
  };
  return {
    sides: [sideOf(a, 0), sideOf(b, 1)],
    queries: options.queries,
    ...(options.queriesB !== undefined && { queriesB: options.queriesB }),
    queryCount: evaluations[0].queryCount,
    recall: await recallDifference([a.index, b.index], [ofA, ofB]),
    ...(values && { value: values.difference }),
  };
}

/** Reads the queries of each. Those of the second are in the same order, so that answers are compared query by query. */
async function readQueriesOf(
  [a, b]: Pair<Opened>,
  { queries, queriesB, limit }: ReportOptions,
): Promise<Pair<Float32Array>> {
  const first = await readEvenly(queries, limit, a.index.info.dim);
  if (queriesB === undefined) return [first.queries, first.queries];
  const second = await readEvenly(queriesB, limit, b.index.info.dim);
  if (second.available === first.available) return [first.queries, second.queries];
  throw new RangeError(
    `'--queries-b' expected the ${first.available} queries of ${queries} in the same order, as another model makes them, got ${second.available}`,
  );
}

/** Estimates the value that each would have earned, and their difference by request. Undefined without a log. */
async function valuesOf(
  [first, second]: Pair<AskedIndex>,
  temperatures: Pair<number>,
  { log, rewards, logQueries, queriesB, missing = "zero" }: ReportOptions,
) {
  if (!log || rewards === undefined || logQueries === undefined) return undefined;
  const draws = () => readDraws(log.map((file) => ({ file, lines: textsOf(file) })));
  const given = await readRewards(textsOf(rewards), rewards);
  const queries = await readQueries(textsOf(logQueries), logQueries, first.info);
  if (queriesB !== undefined) requireSequences(queries);
  const candidates = [first, second].map((index, i) =>
    candidateOf(index, {
      policy: "softmax",
      temperature: temperatures[i as 0 | 1],
      idsOf: first,
      openEncoder: () => openItemEncoder(index),
    }),
  ) as [Candidate, Candidate];
  const joined = () => ({ draws: draws(), rewards: given, queries });
  const sides: JoinedValue[] = [];
  for (const candidate of candidates) sides.push(await joinedValue(joined(), candidate, { missing }));
  return {
    sides: sides as [JoinedValue, JoinedValue],
    difference: await valueDifference(joined(), candidates, { missing }),
  };
}

/** A vector is of one model, and would be no query for the other. */
function requireSequences(queries: ReadonlyMap<string, PolicyQuery>): void {
  for (const { place, query } of queries.values()) {
    if (!(query instanceof Float32Array)) continue;
    const expected = 'a "sequence", of which each model makes its own query';
    throw new InputError(
      `${place.file}:${place.line}: "vector" expected ${expected}: '--queries-b' gives the second index another model`,
    );
  }
}
