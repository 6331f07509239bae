import type { Codes } from "../codes/encode.ts";
import type { PassTools } from "../kmeans/parallel-pass.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import type { TrainingRows, WeightedRows } from "../rows/training-rows.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import { runAsync } from "../runtime/event-loop.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import { descend } from "./divergence-descent.ts";
import type { FitStep } from "./fit-options.ts";
import type { Metric } from "./metric.ts";
import { bestMoves } from "./moves.ts";
import type { QueryGroup } from "./query-groups.ts";
import { nearestCodes, reassign } from "./reassign.ts";
import type { FitTools } from "./resident-classes.ts";

/** The codebooks, the codes of all classes and the rows that k-means learns from. */
export interface FitState {
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  readonly training: WeightedRows;
}

/** The inputs and tools of all steps. */
export interface StepContext {
  readonly tools: FitTools;
  /** The queries that steps learn from, and the metric of these queries. */
  readonly fitted: readonly QueryGroup[];
  readonly metric: Metric;
  readonly scan: number;
  readonly seed: bigint;
  readonly yieldIfDue: YieldIfDue;
  readonly signal: AbortSignal | undefined;
  readonly pool: WorkerPool<PassTools> | undefined;
  /** Allocates training rows where all threads can read them. */
  trainingRows(rowCount: number, dim: number): TrainingRows;
}

/** Proposes new codebooks and codes. `fitWith` validates them and decides whether they are kept. */
export interface Step {
  readonly name: FitStep["name"];
  apply(context: StepContext, state: FitState): Promise<FitState>;
}

/** Passes of Adam over the queries. On 100,000 classes 30 are no better than 10. */
const EPOCHS = 10;

export const reassigning: Step = {
  name: "reassigned classes",
  async apply({ tools, metric, yieldIfDue }, state) {
    return { ...state, codes: await runAsync(reassign(tools, metric, state.quantizer, state.codes), yieldIfDue) };
  },
};

export const training: Step = {
  name: "trained codewords",
  async apply({ tools, fitted, scan, seed, yieldIfDue }, state) {
    const { quantizer, codes } = state;
    const descent = descend(tools, fitted, quantizer, codes, { scan, seed, epochs: EPOCHS });
    return { ...state, quantizer: await runAsync(descent, yieldIfDue) };
  },
};

/**
 * Trained codewords are no longer the means of their classes. So each class moves to the codes that add least to the
 * divergence: the nearest codewords, the nearest in the metric of the queries, or those that it has.
 */
export const movingAndTraining: Step = {
  name: "moved classes, then trained",
  async apply(context, state) {
    const { tools, fitted, metric, scan, yieldIfDue } = context;
    const { quantizer, codes } = state;
    const nearest = await runAsync(nearestCodes(tools, quantizer), yieldIfDue);
    const inMetric = await runAsync(reassign(tools, metric, quantizer, codes), yieldIfDue);
    const moved = await runAsync(bestMoves(tools, fitted, quantizer, [codes, nearest, inMetric], scan), yieldIfDue);
    return training.apply(context, { ...state, codes: moved });
  },
};
