import type { Crew } from "../crew.ts";
import type { Codes } from "../encode.ts";
import type { Pace } from "../pace.ts";
import type { Quantizer } from "../quantizer.ts";
import type { TrainingRows } from "../training-rows.ts";
import type { WalkTools } from "../walk-together.ts";
import { descend } from "./divergence-descent.ts";
import type { FitStep } from "./fit-options.ts";
import type { FitTools } from "./held-classes.ts";
import type { Metric } from "./metric.ts";
import type { QueryGroup } from "./query-groups.ts";
import { reassign } from "./reassign.ts";
import { runPaced } from "./work.ts";

/** Codebooks, the codes of all classes, and what k-means learns from. */
export interface FitState {
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  readonly training: WeightedRows;
}

export interface WeightedRows {
  readonly rows: TrainingRows;
  readonly weights: Float64Array;
}

/** What steps go by. */
export interface StepContext {
  readonly tools: FitTools;
  /** The queries that are learned from, and their metric. */
  readonly fitted: readonly QueryGroup[];
  readonly metric: Metric;
  readonly scan: number;
  readonly seed: bigint;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  readonly crew: Crew<WalkTools> | undefined;
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
  async apply({ tools, metric, pace }, state) {
    return { ...state, codes: await runPaced(reassign(tools, metric, state.quantizer, state.codes), pace) };
  },
};

export const training: Step = {
  name: "trained codewords",
  async apply({ tools, fitted, scan, seed, pace }, state) {
    const { quantizer, codes } = state;
    const descent = descend(tools, fitted, quantizer, codes, { scan, seed, epochs: EPOCHS });
    return { ...state, quantizer: await runPaced(descent, pace) };
  },
};

/** Codewords that were trained are no means of their classes any more, and classes may fit others better. */
export const reassigningAndTraining: Step = {
  name: "reassigned, then trained",
  async apply(context, state) {
    return training.apply(context, await reassigning.apply(context, state));
  },
};
