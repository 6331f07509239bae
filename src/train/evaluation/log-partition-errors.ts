import { NORMAL_95 } from "../../arithmetic/normal-95.ts";
import { mean, quantile } from "../arithmetic/averages.ts";
import type { LogPartitionErrors } from "./evaluation.ts";

/** The error of one answer. */
export interface LogPartitionError {
  /** log Ẑ − log Z. */
  readonly error: number;
  readonly standardError: number;
  readonly lowEss: boolean;
}

/** Tolerance for answers with a standard error of 0: their f32 terms are summed in another order. */
const ROUNDING = 1e-5;

export function summariseErrors(answers: readonly LogPartitionError[]): LogPartitionErrors {
  const errors = Float64Array.from(answers, ({ error }) => error);
  const trusted = answers.filter(({ lowEss }) => !lowEss); // a flagged answer may have an infinite bar, which contains everything
  return {
    bias: mean(errors),
    rootMeanSquare: Math.sqrt(mean(errors.map((error) => error * error))),
    p90: quantile(errors.map(Math.abs), 0.9),
    coverage: shareOf(trusted, ({ error, standardError }) => Math.abs(error) <= NORMAL_95 * standardError + ROUNDING),
    lowEssShare: shareOf(answers, ({ lowEss }) => lowEss),
    errors: Array.from(errors.sort()),
  };
}

const shareOf = <T>(all: readonly T[], holds: (one: T) => boolean): number => all.filter(holds).length / all.length;
