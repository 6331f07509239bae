/** bench/results/curves.json. */
export interface CurvesResult {
  readonly divergence: readonly DivergencePoint[];
  readonly codewords: readonly CodewordsPoint[];
  readonly bias: readonly BiasPoint[];
  readonly steps: StepTimes;
}

/** How far a proposal is from the softmax of a head's first classes, by enumeration, over its queries. */
export interface DivergencePoint {
  readonly head: string;
  readonly itemCount: number;
  readonly sampler: string;
  readonly queryCount: number;
  /** KL(P‖Q), nats: mean. */
  readonly kl: number;
  /** χ²(P‖Q): median, 90th percentile. */
  readonly chiSquare: number;
  readonly chiSquareP90: number;
  /** 1 / (1 + χ²): median. */
  readonly effectiveSampleShare: number;
  /** Of form B with as many draws as it says; not of the largest heads. */
  readonly gradient?: MeasuredBias;
}

export interface CodewordsPoint extends DivergencePoint {
  /** log₂ of the codewords of each codebook. */
  readonly bits: number;
}

/** Of the gradient by the query. Everything is relative to the root mean square of the full softmax's gradient. */
export interface MeasuredBias {
  readonly draws: number;
  /** Of each query. */
  readonly repetitions: number;
  /** √ of the mean over the queries of ‖E ĝ − g‖²; 0 where its estimate is not above 0. */
  readonly bias: number;
  /** One standard error of it, of finite repetitions. */
  readonly standardError: number;
  readonly bound: number;
}

export interface BiasPoint extends MeasuredBias {
  readonly head: string;
  readonly itemCount: number;
  readonly sampler: string;
  readonly form: "a" | "b";
  readonly queryCount: number;
}

export interface StepTimes {
  readonly machine: string;
  readonly node: string;
  readonly dim: number;
  readonly batch: number;
  readonly negatives: number;
  readonly points: readonly StepPoint[];
}

export interface StepPoint {
  readonly itemCount: number;
  /** Milliseconds of a step, by its softmax or sampler. */
  readonly times: Readonly<Record<string, number>>;
}
