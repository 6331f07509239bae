import type { FitReport } from "../src/train/index.ts";

/** bench/results/fit.json. */
export interface FitResult {
  readonly machine: string;
  readonly node: string;
  readonly heads: readonly FittedHead[];
}

export interface FittedHead {
  readonly name: string;
  readonly itemCount: number;
  readonly dim: number;
  readonly bits: number;
  /** That no build has seen: what `measured` is about. */
  readonly queryCount: number;
  readonly builds: readonly FittedBuild[];
}

export interface FittedBuild {
  readonly name: string;
  /** Of one thread's CPU: of the whole build, fit and all. */
  readonly seconds: number;
  readonly measured: readonly MeasuredProposal[];
  /** Of a build that was fitted: what it says itself, of its own held-out queries, and what each step took. */
  readonly fit?: FitReport;
  readonly stepTimes?: readonly { readonly seconds: number }[];
}

/** Of the proposal with a head of `scan` classes. */
export interface MeasuredProposal {
  readonly scan: number;
  /** Mean. */
  readonly kl: number;
  /** Standard error of that mean over the queries. */
  readonly klError: number;
  readonly chiSquareMedian: number;
  readonly chiSquareP90: number;
  /** Mean of (Σw)² / (M Σw²) over 1,000 draws: simulated, so heavy tails are hidden from it. */
  readonly simulatedShare: number;
  /** Mean of 1 / (1 + χ²): its limit. */
  readonly shareLimit: number;
  /** Mean of |log S′ − log Z|: the log-partition without any draw. */
  readonly logTotalError: number;
}
