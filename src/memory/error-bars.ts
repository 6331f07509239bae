import { UNMEASURED } from "../format/calibration-values.ts";
import type { IndexHeader } from "../format/header.ts";
import type { MemoryPlan } from "./plan.ts";
import { STEP_DEVIATION, SUM_ROUNDING } from "./score-rounding.ts";
import { storedCalibration } from "./stored-calibration.ts";

/** The rule of error bars of an index, as its file states it. */
export interface ErrorBars {
  /** The file has dispersions, and bars are made of them. Otherwise the draws alone make the bar, as in format 1.0. */
  readonly hasDispersions: boolean;
  /** The file was calibrated for the rule of bars that this version has. */
  readonly isCalibrated: boolean;
  /** The factor of all bars. */
  readonly factor: number;
  /** The largest model error (docs/method.md, 4) at which bars were verified. */
  readonly limit: number;
  /** The predicted logarithm of the second moment of weights is multiplied by it, 1 without a calibration. */
  readonly spread: number;
  /** The largest predicted logarithm at which an answer has a bar, 2^40 without a calibration or a limit. */
  readonly spreadLimit: number;
  /** The share of the calibration's answers that were not trusted: near 1 where heads say little. 0 without a calibration. */
  readonly flagged: number;
  /** The standard error of a score for one step of the query's 16-bit values, from the longest row of int8. Otherwise 0. */
  readonly scoreByStep: number;
  /** The standard error of a score for a query of length 1, from the longest row of f16 or f32. Otherwise 0. */
  readonly scoreByNorm: number;
}

/** Returns the rule of bars of an index in memory. */
export function errorBarsOf(memory: WebAssembly.Memory, header: IndexHeader, plan: MemoryPlan): ErrorBars {
  const hasDispersions = header.facts.dispersion !== undefined;
  const stored = storedCalibration(memory, header, plan);
  const { factor, limit, spread, spreadLimit, flagged } = stored ?? UNMEASURED;
  const norm = largestNorm(memory, header, plan);
  const [scoreByStep, scoreByNorm] = header.facts.rows === "i8" ? [STEP_DEVIATION * norm, 0] : [0, SUM_ROUNDING * norm];
  return {
    hasDispersions,
    isCalibrated: stored !== undefined,
    factor,
    limit,
    spread,
    spreadLimit,
    flagged,
    scoreByStep,
    scoreByNorm,
  };
}

/** Returns the norm of the longest row, 0 if the file does not say. */
function largestNorm(memory: WebAssembly.Memory, { tensors }: IndexHeader, { file }: MemoryPlan): number {
  const place = tensors["dispersion.means"];
  if (place === undefined) return 0;
  const [, , largestSquare = 0] = new Float32Array(memory.buffer, file + place.begin, 3);
  return Math.sqrt(largestSquare);
}
