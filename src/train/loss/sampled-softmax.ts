import { SUMS_BYTES, SUMS_DIM, SUMS_MASSES, SUMS_SUMS } from "../../../build/structs.ts";
import { startArena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { formA, formB } from "./forms.ts";
import { checkLossInput, type LossInput } from "./loss-input.ts";

/** A loss in nats and its gradients by everything that was given, each in the shape of what it is the gradient by. */
export interface LossAndGradients {
  readonly loss: number;
  readonly gradQuery: Float32Array;
  readonly gradPositives: Float32Array;
  readonly gradPositiveBiases: Float32Array;
  /** By draw: where a class was drawn twice, its gradient is the sum of two rows. */
  readonly gradSampled: Float32Array;
  readonly gradSampledBiases: Float32Array;
}

/**
 * The loss on one instance of the kernels, whose memory it takes anew at each call. Sums are f64, from left to right;
 * log Q is a constant: nothing is differentiated through it.
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
      input.form === "a"
        ? formA(kernels, logits, input.positives.logQ, sampled.logQ)
        : formB(kernels, logits, positiveCount, sampled.logQ);

    // The gradient by the query is the rows' sum by weight: what k-means adds up for a codeword that has all rows.
    logits.set(weights);
    arena.u16(codesPtr, count).fill(0);
    arena.f64(sumsPtr, dim).fill(0);
    arena.f64(massPtr, 1).fill(0);
    kernels.addRows(rowsPtr, codesPtr, logitsPtr, count, totalsPtr);
    kernels.scaledCopies(logitsPtr, queryPtr, count, dim, rowsPtr);
    return {
      loss,
      gradQuery: new Float32Array(arena.f64(sumsPtr, dim)),
      gradPositives: rows.slice(0, positiveCount * dim),
      gradPositiveBiases: new Float32Array(weights.subarray(0, positiveCount)),
      gradSampled: rows.slice(positiveCount * dim),
      gradSampledBiases: new Float32Array(weights.subarray(positiveCount)),
    };
  };
}
