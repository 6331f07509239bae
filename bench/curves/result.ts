import type { Origin } from "../origin.ts";

/** The contents of bench/results/curves.json. */
export interface CurvesResult {
  readonly divergence: readonly DivergencePoint[];
  readonly codewords: readonly CodewordsPoint[];
  readonly bias: readonly BiasPoint[];
  readonly steps: StepTimes;
}

/** The divergence of a proposal from the softmax of a head's first classes, by enumeration, over its queries. */
export interface DivergencePoint {
  readonly head: string;
  readonly itemCount: number;
  readonly sampler: string;
  readonly queryCount: number;
  /** The mean KL(P‖Q), in nats. */
  readonly kl: number;
  /** χ²(P‖Q): the median and the 90th percentile. */
  readonly chiSquare: number;
  readonly chiSquareP90: number;
  /** The median of 1 / (1 + χ²). */
  readonly effectiveSampleShare: number;
  /** The bias in form B, with the number of draws that it states. Absent for the largest heads. */
  readonly gradient?: MeasuredBias;
}

export interface CodewordsPoint extends DivergencePoint {
  /** log₂ of the number of codewords in each codebook. */
  readonly bits: number;
}

/**
 * The bias of the gradient by the query. Everything is relative to the root mean square of the full softmax's gradient.
 */
export interface MeasuredBias {
  readonly draws: number;
  /** Repetitions for each query. */
  readonly repetitions: number;
  /** The root of the mean of ‖E ĝ − g‖² over the queries; 0 if its estimate is not positive. */
  readonly bias: number;
  /** Its standard error, from the finite number of repetitions. */
  readonly standardError: number;
  readonly bound: number;
}

export interface BiasPoint extends MeasuredBias {
  readonly head: string;
  readonly itemCount: number;
  readonly sampler: string;
  readonly form: "A" | "B";
  readonly queryCount: number;
}

export interface StepTimes extends Origin {
  readonly dim: number;
  readonly batch: number;
  readonly negatives: number;
  readonly points: readonly StepPoint[];
}

export interface StepPoint {
  readonly itemCount: number;
  /** The milliseconds of a step by its softmax or sampler. */
  readonly times: Readonly<Record<string, number>>;
}
