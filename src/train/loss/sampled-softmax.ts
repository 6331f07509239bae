import { SUMS_BYTES, SUMS_DIM, SUMS_MASSES, SUMS_SUMS } from "../../../build/structs.ts";
import { startArena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { formA, formB } from "./forms.ts";
import { checkFinite, checkLossInput, type LossInput } from "./loss-input.ts";

/** A loss and its gradients. Each gradient has the shape of the input that it is taken by. */
export interface LossAndGradients {
  /** The loss in nats: the mean over the positives. */
  readonly loss: number;
  /** f32 (dim). */
  readonly gradQuery: Float32Array;
  /** f32 (positives, dim). */
  readonly gradPositives: Float32Array;
  /** f32 (positives). */
  readonly gradPositiveBiases: Float32Array;
  /** f32 (draws, dim), by draw. The gradient of a class that was drawn twice is the sum of two rows. */
  readonly gradSampled: Float32Array;
  /** f32 (draws), by draw. */
  readonly gradSampledBiases: Float32Array;
}

/**
 * Returns the loss function on an instance of the kernels. Each call uses the memory of the instance from the start. Sums
 * are f64, from left to right. log Q counts as a constant, so no gradient flows through it.
 */
export function planSampledSoftmaxLoss(kernels: TrainKernels): (input: LossInput) => LossAndGradients {
  return (input) => {
    checkLossInput(input);
    const { query, positives, sampled } = input;
    const dim = query.length;
    const positiveCount = positives.ids.length;
    const count = positiveCount + sampled.ids.length;
    const arena = startArena(kernels);
    const queryPtr = arena.take(dim * 4);
    const rowsPtr = arena.take(count * dim * 4);
    const logitsPtr = arena.take(count * 8);
    const codesPtr = arena.take(count * 2);
    const sumsPtr = arena.take(dim * 8);
    const massPtr = arena.take(8);
    const totalsPtr = arena.struct(SUMS_BYTES, { [SUMS_SUMS]: sumsPtr, [SUMS_MASSES]: massPtr, [SUMS_DIM]: dim });

    arena.f32(queryPtr, dim).set(query);
    const rows = arena.f32(rowsPtr, count * dim);
    rows.set(positives.rows);
    rows.set(sampled.rows, positiveCount * dim);
    kernels.dotProducts(queryPtr, rowsPtr, count, dim, logitsPtr);
    const logits = arena.f64(logitsPtr, count);
    for (let i = 0; i < positiveCount; i++) logits[i] = (logits[i] as number) + (positives.biases[i] as number);
    for (let j = 0; j < sampled.ids.length; j++) {
      logits[positiveCount + j] = (logits[positiveCount + j] as number) + (sampled.biases[j] as number);
    }
    const { loss, weights } =
      input.form === "A"
        ? formA(kernels, logits, input.positives.logQ, sampled.logQ)
        : formB(kernels, logits, positiveCount, sampled.logQ);

    // The gradient by the query is the weighted sum of the rows: what k-means adds up for a codeword that has all rows.
    logits.set(weights);
    arena.u16(codesPtr, count).fill(0);
    arena.f64(sumsPtr, dim).fill(0);
    arena.f64(massPtr, 1).fill(0);
    kernels.addRows(rowsPtr, codesPtr, logitsPtr, count, totalsPtr);
    kernels.scaledCopies(logitsPtr, queryPtr, count, dim, rowsPtr);
    const gradQuery = new Float32Array(arena.f64(sumsPtr, dim));
    // A value that is not finite shows in one of these. To look for it in every call would take as long as the products.
    if (!Number.isFinite(loss) || !gradQuery.every(Number.isFinite)) checkFinite(input);
    return {
      loss,
      gradQuery,
      gradPositives: rows.slice(0, positiveCount * dim),
      gradPositiveBiases: new Float32Array(weights.subarray(0, positiveCount)),
      gradSampled: rows.slice(positiveCount * dim),
      gradSampledBiases: new Float32Array(weights.subarray(positiveCount)),
    };
  };
}
