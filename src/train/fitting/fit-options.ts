import type { Names } from "../../checks/function-options.ts";

/** Fits codebooks and codes to the queries of a build. */
export interface FitOptions {
  /**
   * Classes of the head that is scored exactly in the answers to come: what is made better is the proposal behind it, at the
   * cost of others. 0: the plain proposal. Default 1,024, as in predict.
   */
  readonly scan?: number;
}

export const FIT_OPTIONS: Names<FitOptions> = { scan: true };

/** Distances of a proposal from the softmax, over queries that were not learned from. */
export interface ProposalDistance {
  /** Mean KL(P‖Q), nats. */
  readonly kl: number;
  /** 90th percentile of χ²(P‖Q): by this it is judged. */
  readonly chiSquareP90: number;
  /** Mean of |log S′ − log Z|: what the log-partition is off by without any draw. */
  readonly logTotalError: number;
}

/** Something that a fit tried. */
export interface FitStep {
  readonly name:
    | "longer k-means"
    | "k-means by softmax mass"
    | "k-means in the queries' metric"
    | "reassigned classes"
    | "trained codewords"
    | "moved classes, then trained";
  /** With the scan of the fit, before and after. */
  readonly before: ProposalDistance;
  readonly after: ProposalDistance;
  /** Kept where the χ² got smaller. */
  readonly verdict: "kept" | "not kept";
}

export interface FitReport {
  readonly scan: number;
  readonly fittedQueries: number;
  readonly heldOutQueries: number;
  /** In order; each begins with what was kept before it. */
  readonly steps: readonly FitStep[];
  /** Before all and after all, with the scan of the fit and plain. */
  readonly before: { readonly withScan: ProposalDistance; readonly plain: ProposalDistance };
  readonly after: { readonly withScan: ProposalDistance; readonly plain: ProposalDistance };
}
