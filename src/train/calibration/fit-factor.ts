import { LARGEST_FACTOR } from "../../format/calibration-values.ts";
import { DOUBT, missesTooOften, PROOF, PROOF_AMONG_MANY, type Share } from "./coverage.ts";
import { countMisses } from "./groups.ts";
import type { MeasuredAnswers } from "./measured-answers.ts";

/** Bars aim at a coverage of 95.5 % even if it is a standard error lower than measured: 96 to 97 % from 100 queries. */
const AIMED_MISSES = 0.045;
/** Factors are tried in steps of 1 / FACTOR_STEPS. */
const FACTOR_STEPS = 100;

/** The conditions that a factor has to satisfy. */
export interface Rule {
  readonly least: number;
  /** All answers together miss rarely enough. */
  readonly accepts: (pooled: Share) => boolean;
  /** The test that the answers at each temperature have to pass, in standard errors. */
  readonly deviations: number;
}

/**
 * Many real queries are trusted: the factor is the smallest one that they raise no doubt about. One factor serves all calls,
 * so it is not much below 1: with 0.7, 20,000 clustered rows had cells with a coverage of 91 %, with 0.85 of 95 %.
 */
export const BELIEVED: Rule = {
  least: 0.85,
  accepts: ({ value, standardError }) => value + standardError <= AIMED_MISSES,
  deviations: DOUBT,
};

/** Stand-ins and few queries only widen bars that they prove to be too narrow: unchanged bars cover 96 to 99 %. */
export const DOUBTED: Rule = {
  least: 1,
  accepts: (pooled) => !missesTooOften(pooled, PROOF),
  deviations: PROOF,
};

/**
 * Returns the smallest factor whose trusted answers miss rarely enough: all together, at each temperature, and in each cell
 * and band. A group that no factor cures does not widen the bars of all others.
 */
export function fitFactor(measured: MeasuredAnswers, bands: readonly number[][], rule: Rule): number {
  const failsAt = (factor: number): { readonly pooled: boolean; readonly groups: readonly boolean[] } => {
    const { pooled, byTemperature, groups } = countMisses(measured, bands, factor);
    const fails = [
      ...byTemperature.map((misses) => missesTooOften(misses.share(), rule.deviations)),
      ...groups.map((misses) => missesTooOften(misses.share(), PROOF_AMONG_MANY)),
    ];
    return { pooled: !rule.accepts(pooled.share()), groups: fails };
  };
  const incurable = failsAt(LARGEST_FACTOR).groups;
  for (let step = Math.round(rule.least * FACTOR_STEPS); step < LARGEST_FACTOR * FACTOR_STEPS; step++) {
    const factor = Math.fround(step / FACTOR_STEPS);
    const { pooled, groups } = failsAt(factor);
    if (!pooled && groups.every((fails, group) => !fails || incurable[group])) return factor;
  }
  return LARGEST_FACTOR;
}
