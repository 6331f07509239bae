import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../../answers/options.ts";
import { log64 } from "../../arithmetic/exp-log.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { typicalQueryNorm } from "../codes/outliers.ts";

/** The effort of a calibration: "full" measures the whole grid of calls, "quick" a part of it, "off" nothing. */
export type CalibrationEffort = "full" | "quick" | "off";
export const EFFORTS = ["full", "quick", "off"] as const satisfies readonly CalibrationEffort[];

/** The calls that a calibration makes with each query: every combination of these. */
export interface Grid {
  readonly temperatures: readonly number[];
  readonly scans: readonly (number | "auto")[];
  readonly draws: readonly number[];
  /** The most given queries that are measured. */
  readonly queryCount: number;
  /** The number of stand-ins that take their place where none are given. */
  readonly standIns: number;
  /** The number of sequences that take their place where the model of an encoder draws them. */
  readonly sequences: number;
  /** The number of rows that are asked beside stand-ins. */
  readonly heldOutRows: number;
  /** The number of discriminants that are asked beside stand-ins. */
  readonly discriminants: number;
}

export const GRIDS: Readonly<Record<Exclude<CalibrationEffort, "off">, Grid>> = {
  full: {
    temperatures: [0.3, 0.5, 1, 2],
    scans: [0, 256, 1024, 4096, "auto"],
    draws: [50, 100, 1000],
    queryCount: 400,
    standIns: 256,
    sequences: 400,
    heldOutRows: 256,
    discriminants: 64,
  },
  // 100 queries are the fewest that may make bars narrower (fit-calibration.ts). Stand-ins never do, and one takes twice the
  // time of a query, which is that of two exact scans of all rows. Sequences alone show the spread, of which few know little: with
  // 100 it was 1.5 to 2.25 on 10,000 words, and half of the answers at T = 0.3 were flagged. With 256 it is 1.5 to 1.75.
  quick: {
    temperatures: [0.3, 0.5, 1, 2],
    scans: [0, 256, 1024, 4096],
    draws: [100],
    queryCount: 100,
    standIns: 32,
    sequences: 256,
    heldOutRows: 64,
    discriminants: 16,
  },
};

/** From this number of classes on, a quick calibration asks fewer queries, as each costs a scan of all rows. */
const MANY_CLASSES = 400_000;

/** Returns the grid that a build measures. With 1,000,000 classes a quick calibration takes a fifth of the build's time. */
export function gridOf(effort: Exclude<CalibrationEffort, "off">, itemCount: number): Grid {
  const grid = GRIDS[effort];
  return effort === "quick" && itemCount >= MANY_CLASSES
    ? { ...grid, queryCount: 48, standIns: 20, sequences: 64, heldOutRows: 40, discriminants: 10 }
    : grid;
}

/** Returns a grid whose temperatures are in units of `unit`. */
export function atTemperatures(grid: Grid, unit: number): Grid {
  if (!(unit > 0 && Number.isFinite(unit))) return grid;
  return { ...grid, temperatures: grid.temperatures.map((temperature) => temperature * unit) };
}

/**
 * Returns the grid for given queries. Those of "cosine" have no length that says how peaked a softmax is, so temperatures are
 * in units of that at which unit vectors tell as many classes apart as the queries of models do.
 */
export const gridOfGiven = (grid: Grid, { metric, itemCount }: Pick<IndexFacts, "metric" | "itemCount">): Grid =>
  metric === "cosine" ? atTemperatures(grid, 1 / typicalQueryNorm(itemCount, 1, { log64 })) : grid;

/**
 * The number of times that a row is asked in each way, with other draws. A row costs an exact scan, a call next to nothing, and
 * with single calls an answer or two in twenty decided about the spread.
 */
const CALLS_OF_A_ROW = 8;

/** Returns the calls that are made with rows in place of queries, which are about the spread alone. */
export const gridOfRows = (grid: Grid): Grid => ({
  ...grid,
  scans: [0, DEFAULT_SCAN],
  draws: Array.from({ length: CALLS_OF_A_ROW }, () => DEFAULT_DRAWS),
});

/** One call of a grid. */
export interface Cell {
  readonly temperature: number;
  readonly scan: number | "auto";
  readonly draws: number;
}

/** Returns the calls of a grid, with the calls of a temperature together. */
export const cellsOf = ({ temperatures, scans, draws: counts }: Grid): Cell[] =>
  temperatures.flatMap((temperature) =>
    scans.flatMap((scan) => counts.map((draws): Cell => ({ temperature, scan, draws }))),
  );
