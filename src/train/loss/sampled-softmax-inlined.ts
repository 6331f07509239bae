import trainBytes from "../../../build/train.wasm?bytes";
import { functionOptions } from "../../checks/function-options.ts";
import { instantiateTrainKernels } from "../runtime/kernels.ts";
import { LOSS_INPUT, type LossInput } from "./loss-input.ts";
import { type LossAndGradients, planSampledSoftmaxLoss } from "./sampled-softmax.ts";

let planned: ((input: LossInput) => LossAndGradients) | undefined;

/**
 * Computes the sampled-softmax loss of one query and its gradients. In form "B" the sum in the logarithm is unbiased for Z
 * under any proposal, and its gradient is on average that of the full softmax if the draws come from the softmax itself
 * (Blanc & Rendle 2018; docs/method.md, section 7). It suits examples with several positives. With a single one, texts are
 * learned better with form "A" (docs/results.md).
 *
 * The draws come from a sampler (`createSampler`). For form "B" it has to exclude the positives. A call takes O((positives
 * + draws) · dim). The first call compiles the kernels, synchronously.
 *
 * @param input The query, its positives and the draws, with their class vectors.
 * @returns The loss and its gradients.
 * @throws TypeError or RangeError that names the argument and the element: shapes that do not fit together, a log Q that is
 * not the logarithm of a probability, a positive that occurs twice, a positive among the draws of form "B", or a value that is not
 * finite.
 *
 * @example
 * const dim = 2;
 * const rows = Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1); // four classes
 * const biases = new Float32Array(4);
 * const vectorsOf = (ids) => ({
 *   rows: Float32Array.from(Array.from(ids, (id) => [...rows.subarray(id * dim, (id + 1) * dim)]).flat()),
 *   biases: Float32Array.from(ids, (id) => biases[id]),
 * });
 * const sampler = await createSampler({ kind: "uniform" }, { rows, biases });
 * const query = Float32Array.of(0.5, 0.25);
 * const { ids, logQ } = sampler.draw(query, 3, [0], 1n); // not class 0, the positive
 * const { loss, gradQuery } = sampledSoftmaxLoss({
 *   form: "B",
 *   query,
 *   positives: { ids: [0], ...vectorsOf([0]) },
 *   sampled: { ids, logQ, ...vectorsOf(ids) },
 * });
 * console.log(loss, gradQuery);
 */
export function sampledSoftmaxLoss(input: LossInput): LossAndGradients {
  planned ??= planSampledSoftmaxLoss(instantiateTrainKernels(new WebAssembly.Module(trainBytes)));
  return planned(functionOptions("sampledSoftmaxLoss", LOSS_INPUT, input, "input"));
}
