// The grid of calls, and their answers against the truth.
import { DEFAULT_DRAWS, type EstimateOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { median } from "../timing.ts";
import type { Asked } from "./asked.ts";
import { type Tallied, Tally } from "./tally.ts";

export const TEMPERATURES = [0.3, 0.5, 1, 2] as const;
const SCANS = [0, 256, 1024, 4096] as const;
const DRAWS = [50, 100, 1000] as const;
const TARGETS = [0.1, 0.05, 0.02, 0.01] as const;
/** The head of the proposal by fine codes. */
const CODED_SCAN = 4096;

/** A call, but for its query and seed. */
export interface Effort {
  readonly temperature: number;
  /** "default" leaves it to the library. */
  readonly scan: number | "auto" | "default";
  readonly draws: number;
  /** Only with scan "auto"; 0.05 if it is not given. */
  readonly targetError?: number;
  /** "codes" for the proposal by fine codes, otherwise by buckets. */
  readonly proposal?: "codes";
}

export interface Cell extends Effort, Tallied {
  /** The median microseconds of a call. */
  readonly micros: number;
  /** The mean number of draws, which scan "auto" and second tries choose. Those of a first try that failed are not counted. */
  readonly drawn: number;
  /** Answers whose bar is above `targetError`. */
  readonly overTarget: number;
}

/** Returns all efforts at all temperatures. A change of temperature costs a pass over the classes, so each comes once. */
export function effortsOf(hasFineCodes: boolean, isQuick: boolean): Effort[] {
  return TEMPERATURES.flatMap((temperature): Effort[] => [
    ...(isQuick ? [0, 1024, "default" as const] : [...SCANS, "default" as const]).flatMap((scan) =>
      (isQuick ? [DEFAULT_DRAWS] : DRAWS).map((draws) => ({ temperature, scan, draws })),
    ),
    ...TARGETS.map((targetError) => ({ temperature, scan: "auto" as const, draws: DEFAULT_DRAWS, targetError })),
    ...(isQuick ? [] : [50, 1000].map((draws) => ({ temperature, scan: "auto" as const, draws }))),
    ...(hasFineCodes ? [{ temperature, scan: CODED_SCAN, draws: DEFAULT_DRAWS, proposal: "codes" as const }] : []),
  ]);
}

/** Asks every query with each of the seeds. */
export function measureCell(
  index: MultiIndex,
  asked: readonly Asked[],
  effort: Effort,
  seeds: readonly number[],
): Cell {
  const tally = new Tally();
  const { temperature, scan, ...others } = effort;
  const k = scan === 0 ? 0 : 10; // plain: without the ten best buckets' classes in the head
  const times: number[] = [];
  let [drawn, overTarget] = [0, 0];
  for (const [row, { query, truth }] of asked.entries()) {
    for (const seed of seeds) {
      const given = scan === "default" ? {} : { scan };
      const options: EstimateOptions = { temperature, ...given, ...others, seed: 1000 * row + seed };
      const start = performance.now();
      const answer = index.predict(query, k, options);
      times.push(1000 * (performance.now() - start));
      drawn += answer.choice?.draws ?? effort.draws;
      tally.add(row, answer, truth.logPartition.get(temperature) as number);
      if (!(answer.standardError <= (effort.targetError ?? Number.POSITIVE_INFINITY))) overTarget++;
    }
  }
  return { ...effort, ...tally.result(), micros: median(times), drawn: drawn / times.length, overTarget };
}

/** The certain bounds of log Z against the truth. */
export interface BoundsCheck {
  readonly checked: number;
  /** Brackets that do not contain log Z, and how far it lies outside at most, in nats. */
  readonly wrong: number;
  readonly worst: number;
}

/** Checks lower and upper of a sampled and of an exact call, at every temperature. */
export function checkBounds(index: MultiIndex, asked: readonly Asked[]): BoundsCheck {
  let [checked, wrong, worst] = [0, 0, 0];
  for (const temperature of TEMPERATURES) {
    for (const [row, { query, truth }] of asked.entries()) {
      const logPartition = truth.logPartition.get(temperature) as number;
      for (const effort of [{ seed: row }, { exact: true }]) {
        const { lower, upper } = index.logPartition(query, { temperature, ...effort });
        const outside = Math.max(lower - logPartition, logPartition - upper);
        checked++;
        if (outside > 0) wrong++;
        worst = Math.max(worst, outside);
      }
    }
  }
  return { checked, wrong, worst };
}
