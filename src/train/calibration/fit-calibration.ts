import {
  type CalibrationValues,
  LARGEST_FACTOR,
  LEAST_FACTOR,
  MOST_ANSWERS,
  UNMEASURED,
} from "../../format/calibration-values.ts";
import { ALONE, AMONG_MANY, Misses, missesTooOften } from "./coverage.ts";
import {
  isMissed,
  isTrusted,
  type MeasuredAnswers,
  missOf,
  sampledCount,
  tellingOf,
  WIDEST_TRUSTED,
} from "./measured-answers.ts";

/** The queries that a calibration rests on. */
export interface Evidence {
  /** They are those of users, not stand-ins. */
  readonly isReal: boolean;
  readonly queryCount: number;
}

/**
 * From so many real queries on a factor may be below 1. They give coverage to ± 1.5 to 2 points, 50 to ± 3. Factors below 1
 * from stand-ins do not transfer to real queries: with rows in place of queries they covered 20 to 51 %.
 */
export const QUERIES_FOR_NARROWER = 100;

/** Bars aim at a coverage of 95.5 % even if it is a standard error lower than measured: 96 to 97 % from 100 queries. */
const AIMED_MISSES = 0.045;
/** With fewer answers than these the aim is no evidence. */
const LEAST_POOLED = 100;
/** Factors are tried in steps of 1 / FACTOR_STEPS. */
const FACTOR_STEPS = 100;

/** Bands of answers of about the same error by the model: their number, and the fewest answers of one. */
const BANDS = 20;
const LEAST_BAND = 60;
/** How far beyond the spreads that were measured the bars are believed. */
const BEYOND = { queries: 1, standIns: 4 };

/** Finds the factor on the error bars, and the limit of the model's error, with which intervals hold for these answers. */
export function fitCalibration(measured: MeasuredAnswers, { isReal, queryCount }: Evidence): CalibrationValues {
  const answers = Math.min(sampledCount(measured), MOST_ANSWERS);
  if (answers === 0) return UNMEASURED;
  const telling = tellingOf(measured);
  const bands = bandsOf(measured, telling);
  const least = isReal && queryCount >= QUERIES_FOR_NARROWER ? LEAST_FACTOR : 1;
  const factor = fitFactor(measured, bands, least);
  const limit = fitLimit(measured, bands, factor, isReal ? BEYOND.queries : BEYOND.standIns);
  const trusted = telling.filter((i) => isTrusted(measured, i, factor) && (measured.modelErrors[i] as number) <= limit);
  const covered = trusted.filter((i) => !isMissed(measured, i, factor)).length;
  return {
    factor,
    limit,
    coverage: trusted.length > 0 ? covered / trusted.length : 0,
    flagged: (countFlagged(measured) + telling.length - trusted.length) / answers,
    answers,
    largestMiss: trusted.reduce((most, i) => Math.max(most, missOf(measured, i, factor)), 0),
  };
}

/** Answers with draws but without a bar. */
const countFlagged = ({ bars }: MeasuredAnswers): number =>
  bars.reduce((sum, bar) => sum + Number(bar === Number.POSITIVE_INFINITY), 0);

/** Divides answers by the model's error, from small to large, into bands of about one size. */
function bandsOf({ modelErrors }: MeasuredAnswers, telling: readonly number[]): number[][] {
  const errorOf = (i: number): number => modelErrors[i] as number;
  const ascending = [...telling].sort((a, b) => errorOf(a) - errorOf(b) || a - b);
  const size = Math.max(LEAST_BAND, Math.ceil(ascending.length / BANDS));
  const count = Math.max(1, Math.floor(ascending.length / size));
  return Array.from({ length: count }, (_, band) =>
    ascending.slice(band * size, band === count - 1 ? undefined : (band + 1) * size),
  );
}

/** Returns the smallest factor whose trusted answers miss rarely enough: all together, and in each cell and band. */
function fitFactor(measured: MeasuredAnswers, bands: readonly number[][], least: number): number {
  for (let step = Math.round(least * FACTOR_STEPS); step < LARGEST_FACTOR * FACTOR_STEPS; step++) {
    const factor = Math.fround(step / FACTOR_STEPS);
    if (holds(measured, bands, factor)) return factor;
  }
  return LARGEST_FACTOR;
}

function holds(measured: MeasuredAnswers, bands: readonly number[][], factor: number): boolean {
  const pooled = new Misses();
  const byCell = new Map<number, Misses>();
  const byBand = bands.map((band) => {
    const inBand = new Misses();
    for (const i of band.filter((answer) => isTrusted(measured, answer, factor))) {
      const cell = measured.cells[i] as number;
      const inCell = byCell.get(cell) ?? new Misses();
      byCell.set(cell, inCell);
      const missed = isMissed(measured, i, factor);
      for (const misses of [pooled, inBand, inCell]) misses.add(measured.queries[i] as number, missed);
    }
    return inBand;
  });
  const { value, standardError, count } = pooled.share();
  if (count < LEAST_POOLED) return factor >= 1;
  if (value + standardError > AIMED_MISSES) return false;
  return ![...byCell.values(), ...byBand].some((misses) => missesTooOften(misses.share(), AMONG_MANY));
}

/**
 * Returns the largest of the model's errors up to which answers hold, trusted or not. If all hold, the limit is `beyond`
 * times the largest one, and at least the widest bar that is trusted: nothing contradicts the model there.
 */
function fitLimit(measured: MeasuredAnswers, bands: readonly number[][], factor: number, beyond: number): number {
  let [before, largest] = [0, 0];
  for (const band of bands) {
    const misses = new Misses();
    for (const i of band) {
      misses.add(measured.queries[i] as number, isMissed(measured, i, factor));
      largest = Math.max(largest, measured.modelErrors[i] as number);
    }
    if (missesTooOften(misses.share(), ALONE)) return limitOf(before);
    before = largest;
  }
  return limitOf(Math.max(beyond * largest, WIDEST_TRUSTED));
}

/** A limit is positive and finite in f32. */
const limitOf = (limit: number): number => Math.fround(Math.min(Math.max(limit, SMALLEST_LIMIT), UNMEASURED.limit));
const SMALLEST_LIMIT = 1e-6;
