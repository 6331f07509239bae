import { evaluateAsked } from "../../train/evaluation/evaluate-inlined.ts";
import { readEvenly } from "../arguments/held-out.ts";
import type { AskedIndex } from "../asking/asked-index.ts";
import { cpuCost } from "../evaluating/price.ts";
import { textsOf } from "../inputs/text-lines.ts";
import type { Progress } from "../output/progress.ts";
import { type Candidate, candidateOf } from "../policy/candidate.ts";
import { readDraws, readQueries, readRewards } from "../policy/inputs.ts";
import { type JoinedValue, type JoinOptions, joinedValue } from "../policy/joined-value.ts";
import { valueDifference } from "../policy/value-difference.ts";
import type { Compared, Pair, Side } from "./compared.ts";
import { recallDifference } from "./recall-difference.ts";
import { medianTimes, timesInTurns } from "./times-in-turns.ts";

export interface ReportOptions extends Pick<JoinOptions, "missing"> {
  readonly queries: string;
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
  if (a.index.info.dim !== b.index.info.dim) {
    const { dim } = a.index.info;
    throw new RangeError(`${b.file} expected ${dim} dimensions, as ${a.file} has, got ${b.index.info.dim}`);
  }
  for (const { file, index } of opened) {
    if (index.info.itemCount === 0) throw new RangeError(`${file} expected at least one class, got none`);
  }
  const { queries } = await readEvenly(options.queries, options.limit, a.index.info.dim);
  const evaluated = async ({ index }: Opened, phase: string) =>
    evaluateAsked(index, queries, {
      onProgress: (done, total) => progress.report({ phase, done, total }),
      signal,
    });
  const evaluations = [await evaluated(a, "measure A"), await evaluated(b, "measure B")] as const;
  const rounds = await timesInTurns([
    { index: a.index, queries, effort: evaluations[0].effort },
    { index: b.index, queries, effort: evaluations[1].effort },
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
    queryCount: evaluations[0].queryCount,
    recall: await recallDifference([a.index, b.index], queries),
    ...(values && { value: values.difference }),
  };
}

/** Estimates the value that each would have earned, and their difference by request. Undefined without a log. */
async function valuesOf(
  [first, second]: Pair<AskedIndex>,
  temperatures: Pair<number>,
  { log, rewards, logQueries, missing = "zero" }: ReportOptions,
) {
  if (!log || rewards === undefined || logQueries === undefined) return undefined;
  const draws = () => readDraws(log.map((file) => ({ file, lines: textsOf(file) })));
  const given = await readRewards(textsOf(rewards), rewards);
  const queries = await readQueries(textsOf(logQueries), logQueries, first.info);
  const candidates = [first, second].map((index, i) =>
    candidateOf(index, { policy: "softmax", temperature: temperatures[i as 0 | 1], idsOf: first }),
  ) as [Candidate, Candidate];
  const joined = () => ({ draws: draws(), rewards: given, queries });
  const sides: JoinedValue[] = [];
  for (const candidate of candidates) sides.push(await joinedValue(joined(), candidate, { missing }));
  return {
    sides: sides as [JoinedValue, JoinedValue],
    difference: await valueDifference(joined(), candidates, { missing }),
  };
}
