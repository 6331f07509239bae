// The part of a head's results that bench/results/trust.json keeps. trust.csv has all of the grid's 300 cells or so.
import type { BoundsCheck, Cell } from "./grid.ts";
import { callOf, defaultCell, isDefault, isPeaked, pooledCoverage, type Verdict } from "./judge.ts";
import type { RecallRow } from "./recall.ts";
import type { BuildKind, BuildResult, HeadResult } from "./result.ts";

/** The contents of bench/results/trust.json. */
export interface TrustResult {
  readonly machine: string;
  readonly node: string;
  readonly now: TrustRun;
  /** The same measurements on the library before it had calibrated error bars. */
  readonly before: TrustRun;
}

export interface TrustRun {
  /** The commit whose library was measured. */
  readonly commit: string;
  /** Measured with `--quick`: 150 queries, scans of 0, 1,024, default and auto, and 100 draws. */
  readonly isQuick?: boolean;
  readonly heads: readonly HeadSummary[];
  readonly verdicts: readonly Verdict[];
}

export interface HeadSummary extends Omit<HeadResult, "builds"> {
  readonly isPeaked: boolean;
  readonly builds: readonly BuildSummary[];
}

export interface BuildSummary extends BuildKind {
  readonly buildSeconds: number;
  /** Over all cells: answers, the share of those flagged, and that with an infinite bar. */
  readonly answers: number;
  readonly flagged: number;
  readonly infinite: number;
  /** Coverage of all sampled answers, and the cell with the lowest that has at least 50 of them. */
  readonly coverage: number;
  readonly lowest: { readonly call: string; readonly coverage: number; readonly coverageError: number };
  /** Trusted answers at the floor of the bars, and how many of them are off by more than 1.96 floors. */
  readonly floored: number;
  readonly flooredWrong: number;
  readonly worstError: number;
  /** In bars, at temperatures of 1 and above, and below. */
  readonly worstMiss: number;
  readonly worstMissBelow: number;
  /** Median bar over root mean square error: the median and the largest of all cells. */
  readonly width: number;
  readonly largestWidth: number;
  /** The default call by temperature. */
  readonly byTemperature: readonly DefaultCall[];
  /** At temperature 1. */
  readonly targets: readonly TargetCall[];
  readonly bounds: BoundsCheck;
  readonly recall: readonly RecallRow[];
}

interface DefaultCall extends Pick<Cell, "temperature" | "coverage" | "coverageError" | "scored" | "micros"> {
  readonly flagged: number;
  readonly medianBar: number;
  readonly rootMeanSquare: number;
}

interface TargetCall extends Pick<Cell, "temperature" | "answers" | "overTarget" | "scored" | "micros"> {
  readonly targetError: number;
  readonly coverage: number;
  readonly rootMeanSquareOfAll: number;
  /** Rows read, over those of the default call. */
  readonly rows: number;
}

const LEAST = 50;

export const summaryOf = (head: HeadResult): HeadSummary => ({
  ...head,
  isPeaked: isPeaked(head),
  builds: head.builds.map(summaryOfBuild),
});

function summaryOfBuild(build: BuildResult): BuildSummary {
  const { cells, bounds, recall, buildSeconds, isInformed, hasFineCodes } = build;
  const sum = (of: (cell: Cell) => number): number => cells.reduce((total, cell) => total + of(cell), 0);
  const largest = (of: (cell: Cell) => number): number => Math.max(0, ...cells.map(of));
  const answers = sum((cell) => cell.answers);
  const sampled = cells.filter((cell) => cell.sampled >= LEAST);
  const [lowest] = sampled.toSorted((a, b) => a.coverage - b.coverage);
  const widths = sampled.map((cell) => cell.medianBar / cell.rootMeanSquare).sort((a, b) => a - b);
  return {
    isInformed,
    hasFineCodes,
    buildSeconds,
    answers,
    bounds,
    recall,
    flagged: sum((cell) => cell.flagged) / answers,
    infinite: sum((cell) => cell.infinite) / answers,
    coverage: pooledCoverage(cells),
    lowest: lowest
      ? { call: callOf(lowest), coverage: lowest.coverage, coverageError: lowest.coverageError }
      : { call: "", coverage: 1, coverageError: 1 },
    floored: sum((cell) => cell.floored) / answers,
    flooredWrong: sum((cell) => cell.flooredWrong),
    worstError: largest((cell) => cell.worstError),
    worstMiss: largest((cell) => (cell.temperature >= 1 ? cell.worstMiss : 0)),
    worstMissBelow: largest((cell) => (cell.temperature < 1 ? cell.worstMiss : 0)),
    width: widths[widths.length >> 1] ?? 0,
    largestWidth: widths.at(-1) ?? 0,
    byTemperature: cells.filter(isDefault).map((cell) => {
      const { temperature, coverage, coverageError, scored, micros, medianBar, rootMeanSquare } = cell;
      const flagged = cell.flagged / cell.answers;
      return { temperature, coverage, coverageError, scored, micros, flagged, medianBar, rootMeanSquare };
    }),
    targets: cells.flatMap((cell) => {
      const { temperature, targetError, answers, overTarget, scored, micros, coverage, rootMeanSquareOfAll } = cell;
      if (targetError === undefined || temperature !== 1) return [];
      const rows = scored / (defaultCell(build, 1)?.scored ?? Number.NaN);
      return [{ temperature, targetError, answers, overTarget, scored, micros, coverage, rootMeanSquareOfAll, rows }];
    }),
  };
}

const COLUMNS = [
  ...["temperature", "scan", "draws", "targetError", "proposal", "answers", "flagged", "infinite", "exact"],
  ...["floored", "flooredWrong", "sampled", "coverage", "coverageError", "worstMiss", "medianBar"],
  ...["rootMeanSquare", "rootMeanSquareOfAll", "worstError", "largestBar", "overTarget", "scored", "drawn", "micros"],
] as (keyof Cell)[];

/** Returns all cells of the grid as comma-separated values. */
export function cellsAsCsv(heads: readonly HeadResult[]): string {
  const lines = heads.flatMap(({ name, builds }) =>
    builds.flatMap(({ isInformed, hasFineCodes, cells }) =>
      cells.map((cell) => [name, isInformed, hasFineCodes, ...COLUMNS.map((column) => short(cell[column]))].join(",")),
    ),
  );
  return `${[["head", "isInformed", "hasFineCodes", ...COLUMNS].join(","), ...lines].join("\n")}\n`;
}

const short = (value: unknown): string =>
  typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(4))) : String(value ?? "");
