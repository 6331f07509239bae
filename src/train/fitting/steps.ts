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

/** Codebooks, the codes of all classes, and what k-means learns from. */
export interface FitState {
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  readonly training: WeightedRows;
}

/** The things that all steps work with. */
export interface StepContext {
  readonly tools: FitTools;
  /** The queries that are learned from, and their metric. */
  readonly fitted: readonly QueryGroup[];
  readonly metric: Metric;
  readonly scan: number;
  readonly seed: bigint;
  readonly yieldIfDue: YieldIfDue;
  readonly signal: AbortSignal | undefined;
  readonly pool: WorkerPool<PassTools> | undefined;
  /** Room for rows where all who do k-means see them. */
  trainingRows(rowCount: number, dim: number): TrainingRows;
}

/** Makes something else of codebooks and codes; whether it is better is judged elsewhere. */
export interface Step {
  readonly name: FitStep["name"];
  apply(context: StepContext, state: FitState): Promise<FitState>;
}

/** Passes of a descent over the queries. On 100,000 classes 30 are as good as 10. */
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
 * Codewords that were trained are no means of their classes any more. Each class goes where it adds least to the divergence
 * of the queries that it matters for, of the nearest codewords, those of the queries' metric, and those it has.
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
