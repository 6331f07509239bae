import { trainFineCodebooks } from "../../codes/fine-codebooks.ts";
import { startYielding } from "../../runtime/event-loop.ts";
import type { Fitted } from "./fit.ts";
import type { Stage } from "./stage.ts";

export interface FineTrained extends Fitted {
  /** Undefined where the build makes no fine codes. */
  readonly fineCodebooks: Float32Array | undefined;
}

/**
 * Learns the codebooks of the fine codes, or reuses those of the older index. Does nothing in a build without fine codes.
 */
export const trainFineCodes: Stage<Fitted, FineTrained> = async (build, fitted) => {
  const { pool, kernels, plan, warm, signal } = build;
  if (!plan.trainsFineCodebooks) {
    return { ...fitted, fineCodebooks: plan.hasFineCodes ? warm?.fineCodebooks : undefined };
  }
  const { training, quantizer } = fitted;
  const options = { seed: plan.seed, yieldIfDue: startYielding(signal) };
  return { ...fitted, fineCodebooks: await trainFineCodebooks(pool, kernels, training, quantizer, options) };
};
