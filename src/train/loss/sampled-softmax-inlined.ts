import trainBytes from "../../../build/train.wasm?bytes";
import { functionOptions } from "../../checks/function-options.ts";
import { instantiateTrainKernels } from "../runtime/kernels.ts";
import { LOSS_INPUT, type LossInput } from "./loss-input.ts";
import { type LossAndGradients, planSampledSoftmaxLoss } from "./sampled-softmax.ts";

let planned: ((input: LossInput) => LossAndGradients) | undefined;

/**
 * Sampled-softmax loss of one query, and its gradients. Form "b" is the one to take: its gradient is that of the full
 * softmax on average when the draws are the softmax's own, and its denominator is unbiased whatever they are.
 *
 * Draws come from a sampler (`createSampler`), which excludes the positives for form "b". Costs
 * O((positives + draws) · dim). The kernels are compiled at the first call.
 *
 * @throws RangeError that names the place: shapes that do not fit, a log Q that is no log-probability, a positive among
 * the draws of form "b".
 *
 * @example
 * const { ids, logQ } = sampler.draw(query, 100, [label], seed);
 * const { loss, gradQuery, gradSampled } = sampledSoftmaxLoss({
 *   form: "b",
 *   query,
 *   positives: { ids: [label], rows: rowsOf([label]), biases: biasesOf([label]) },
 *   sampled: { ids, logQ, rows: rowsOf(ids), biases: biasesOf(ids) },
 * });
 */
export function sampledSoftmaxLoss(input: LossInput): LossAndGradients {
  planned ??= planSampledSoftmaxLoss(instantiateTrainKernels(new WebAssembly.Module(trainBytes)));
  return planned(functionOptions("sampledSoftmaxLoss", LOSS_INPUT, input, "input"));
}
