import type { Names } from "../../checks/function-options.ts";

/** Options of a fit (docs/fitting.md). */
export interface FitOptions {
  /**
   * The head budget of the calls to come. The fit improves the proposal behind a head of this size, at the expense of
   * others. 0 means the proposal without a head. Default 1,024, as in predict.
   */
  readonly scan?: number;
}

export const FIT_OPTIONS: Names<FitOptions> = { scan: true };

/** Distances of a proposal Q from the softmax P over the held-out queries. */
export interface ProposalDistance {
  /** Mean KL(P‖Q) in nats. */
  readonly kl: number;
  /** 90th percentile of χ²(P‖Q). A step is kept if it lowers this. */
  readonly chiSquareP90: number;
  /** Mean of |log S′ − log Z|: the error of the log-partition without any draw. */
  readonly logTotalError: number;
}

/** One step that a fit tried. */
export interface FitStep {
  /** The kind of the step. */
  readonly name:
    | "longer k-means"
    | "k-means by softmax mass"
    | "k-means in the queries' metric"
    | "reassigned classes"
    | "trained codewords"
    | "moved classes, then trained";
  /** The distance before the step, with the head of `scan` classes. */
  readonly before: ProposalDistance;
  /** The distance after the step. */
  readonly after: ProposalDistance;
  /** "kept" if the step lowered `chiSquareP90`. */
  readonly verdict: "kept" | "not kept";
}

/** Distances with and without a head. */
export interface FitDistances {
  /** With the head of `scan` classes. */
  readonly withScan: ProposalDistance;
  /** Without a head. */
  readonly plain: ProposalDistance;
}

/** The report of a fit. */
export interface FitReport {
  /** The head budget that was fitted for. */
  readonly scan: number;
  /** Number of queries that the steps learned from. */
  readonly fittedQueries: number;
  /** Number of queries that validated the steps. */
  readonly heldOutQueries: number;
  /** The steps, in order. Each starts from the last state that was kept. */
  readonly steps: readonly FitStep[];
  /** The distances before the first step. */
  readonly before: FitDistances;
  /** The distances after the last step. */
  readonly after: FitDistances;
}
