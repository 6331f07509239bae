import type { FitReport } from "../../src/train/index.ts";
import type { Origin } from "../origin.ts";

/** The contents of bench/results/fit.json. */
export interface FitResult extends Origin {
  readonly heads: readonly FittedHead[];
}

export interface FittedHead {
  readonly name: string;
  readonly itemCount: number;
  readonly dim: number;
  readonly bits: number;
  /** Queries that no build has seen, with which `measured` is measured. */
  readonly queryCount: number;
  readonly builds: readonly FittedBuild[];
}

export interface FittedBuild {
  readonly name: string;
  /** CPU seconds of one thread for the whole build, including the fit. */
  readonly seconds: number;
  readonly measured: readonly MeasuredProposal[];
  /** For fitted builds: the build's own report on its held-out queries, and the time of each step. */
  readonly fit?: FitReport;
  readonly stepTimes?: readonly { readonly seconds: number }[];
}

/** The proposal with a head of `scan` classes. */
export interface MeasuredProposal {
  readonly scan: number;
  /** Mean over the queries. */
  readonly kl: number;
  /** The standard error of this mean over the queries. */
  readonly klError: number;
  readonly chiSquareMedian: number;
  readonly chiSquareP90: number;
  /** The mean of 1 / (1 + χ²): the effective sample size per draw. */
  readonly shareLimit: number;
  /** The mean of |log S′ − log Z|: the error of the log-partition without any draw. */
  readonly logTotalError: number;
  /** The mean error of the log-partition with 100 draws. */
  readonly drawnError: number;
}
