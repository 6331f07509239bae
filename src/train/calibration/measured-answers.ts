import { HIGH_ERROR, LEAST_ERROR } from "../../answers/dispersion-bars.ts";
import { exp64 } from "../../arithmetic/exp-log.ts";
import { NORMAL_95 } from "../../arithmetic/normal-95.ts";
import { type Cell, cellsOf, type Grid } from "./grid.ts";

/** Estimates beside the exact log Z, in arrays of one length. */
export interface MeasuredAnswers {
  /** The query of each answer, from 0. Answers to one query are not independent. */
  readonly queries: Int32Array;
  /** The kind of call of each answer, from 0: temperature, scan and draws. */
  readonly cells: Int32Array;
  /** The temperature of each answer, by its number from 0. */
  readonly temperatures: Int32Array;
  /** log Ẑ − log Z. */
  readonly errors: Float64Array;
  /** Standard errors before the factor: for an answer without draws 0 or that of rounding, Infinity where there is none. */
  readonly bars: Float64Array;
  /** The part of the standard error that the model of the tail gives, before the factor. */
  readonly modelErrors: Float64Array;
}

/** Answers that say what their bars would be with another spread. */
export interface SpreadAnswers extends MeasuredAnswers {
  /** The logarithm of the second moment of weights that the dispersions predict. */
  readonly logSpreads: Float64Array;
  /** The part of the model's variance that is in the bar. */
  readonly modelShares: Float64Array;
}

/** Returns room for the answers of a grid, in the order of the queries and, for each query, of the cells. */
export function answersOf(grid: Grid, queryCount: number): MeasuredAnswers {
  const cells = cellsOf(grid);
  const answers = queryCount * cells.length;
  return {
    queries: Int32Array.from({ length: answers }, (_, i) => Math.floor(i / cells.length)),
    cells: Int32Array.from({ length: answers }, (_, i) => i % cells.length),
    temperatures: Int32Array.from({ length: answers }, (_, i) =>
      grid.temperatures.indexOf((cells[i % cells.length] as Cell).temperature),
    ),
    errors: new Float64Array(answers),
    bars: new Float64Array(answers),
    modelErrors: new Float64Array(answers),
  };
}

export function spreadAnswersOf(grid: Grid, queryCount: number): SpreadAnswers {
  const answers = answersOf(grid, queryCount);
  const { length } = answers.errors;
  return { ...answers, logSpreads: new Float64Array(length), modelShares: new Float64Array(length) };
}

/**
 * Returns answers that were measured with a spread of 1 as they are with `spread`. The model's variance is in proportion to
 * e^(spread · s) − 1, with s the logarithm of the second moment; ratios are taken so that large s do not overflow.
 */
export function withSpread<Answers extends Pick<SpreadAnswers, "bars" | "modelErrors" | "logSpreads" | "modelShares">>(
  answers: Answers,
  spread: number,
): Answers {
  if (spread === 1) return answers;
  const { logSpreads, modelShares } = answers;
  const modelErrors = answers.modelErrors.map((error, i) => {
    const logSpread = logSpreads[i] as number;
    const ratio = exp64((spread - 1) * logSpread) * ((1 - exp64(-spread * logSpread)) / (1 - exp64(-logSpread)));
    return error > 0 ? error * Math.sqrt(ratio) : error;
  });
  const bars = answers.bars.map((bar, i) => {
    const [before, after] = [answers.modelErrors[i] as number, modelErrors[i] as number];
    return after > before ? Math.sqrt(bar * bar + (modelShares[i] as number) * (after * after - before * before)) : bar;
  });
  return { ...answers, modelErrors, bars };
}

/**
 * Tells a bar that is above the smallest one that the estimator gives, where there is one. At the smallest, rounding decides, not
 * the draws, so such answers are counted apart.
 */
const isAboveSmallest = (bar: number): boolean => bar > LEAST_ERROR && Number.isFinite(bar);

/**
 * Returns the answers that are evidence about error bars: those with draws, and a bar above the smallest one. Where a bar is that
 * of rounding alone, as in answers from all rows, the model expects no error.
 */
export const tellingOf = ({ bars, modelErrors }: MeasuredAnswers): number[] =>
  Array.from(bars.keys()).filter((i) => isAboveSmallest(bars[i] as number) && modelErrors[i] !== 0);

/** Returns the number of answers with draws. */
export const sampledCount = ({ bars, modelErrors }: MeasuredAnswers): number =>
  bars.filter((bar, i) => bar > 0 && (modelErrors[i] !== 0 || !isAboveSmallest(bar))).length;

export const isTrusted = ({ bars }: Pick<MeasuredAnswers, "bars">, i: number, factor: number): boolean =>
  factor * (bars[i] as number) <= HIGH_ERROR;

/** Returns the error of an answer in standard errors. A factor leaves no bar below the smallest one. */
export const missOf = ({ errors, bars }: MeasuredAnswers, i: number, factor: number): number =>
  Math.abs(errors[i] as number) / Math.max(factor * (bars[i] as number), LEAST_ERROR);

/** Returns true also for an error that is not a number. */
export const isMissed = (measured: MeasuredAnswers, i: number, factor: number): boolean =>
  !(missOf(measured, i, factor) <= NORMAL_95);
