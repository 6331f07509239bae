import { grouped, table } from "../page.ts";

/** The contents of bench/results/sampled-queries.json. */
export interface SampledQueriesResult {
  readonly indexes: readonly CalibratedIndex[];
}

/** An index of a set whose error bars are calibrated with one kind of queries. */
export interface CalibratedIndex {
  readonly set: string;
  readonly itemCount: number;
  readonly calibratedWith: string;
  readonly temperatures: readonly {
    readonly temperature: number;
    /** The share of flagged answers, and the share of the others that are off by more than .26. */
    readonly flagged: number;
    readonly wrong: number;
  }[];
}

const percent = (share: number): string => (share === 0 ? "0" : `${(100 * share).toFixed(1)} %`);

/** Returns how trusted answers to held-out sequences do, by the queries of the calibration, as Markdown. */
export function sampledQueriesTable({ indexes }: SampledQueriesResult): string {
  const temperatures = indexes[0]?.temperatures.map(({ temperature }) => `T ${temperature}`) ?? [];
  const rows = indexes.map(({ set, itemCount, calibratedWith, temperatures }) => [
    `${set}, ${itemCount.toLocaleString("en")}`,
    calibratedWith,
    ...temperatures.map(({ wrong, flagged }) => `${percent(wrong)} (${percent(flagged)})`),
  ]);
  return table(["items", "calibrated with", ...temperatures], 2, grouped(rows));
}
