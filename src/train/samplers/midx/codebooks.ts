import { type Codes, planEncoding } from "../../codes/encode.ts";
import { type Quantizer, trainQuantizer } from "../../kmeans/quantizer.ts";
import { pickRows } from "../../random/pick-rows.ts";
import { memoryTrainingRows } from "../../rows/training-rows.ts";
import { drawTrainingSample, expectedSampleRows } from "../../rows/training-sample.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import type { Classes } from "../classes.ts";
import { fitCodewords } from "./fit-codewords.ts";
import type { MidxPlan } from "./midx-options.ts";
import type { QuantizedClasses } from "./proposal.ts";
import { warmCodebooks } from "./warm-codebooks.ts";

/** Makes the codebooks and codes of a sampler. Each call uses the instance's memory. */
export interface Codebooks {
  /** Learns the first codebooks of the classes. */
  learn(classes: Classes): Promise<QuantizedClasses>;
  /** Trains the codebooks further, synchronously. With the option `fit` they are then fitted to `queries`. */
  relearn(from: Quantizer, classes: Classes, queries: readonly Float32Array[]): QuantizedClasses;
  /** Finds the nearest codewords of the classes. */
  quantize(quantizer: Quantizer, classes: Classes): QuantizedClasses;
}

export function planCodebooks(kernels: TrainKernels, plan: MidxPlan): Codebooks {
  const { kind, bits, seed, scan, itemCount, dim, counts } = plan;
  const sample = drawTrainingSample(itemCount, counts?.map(Math.sqrt), expectedSampleRows(bits), seed);

  const nearest = (quantizer: Quantizer, rows: Float32Array): Codes => {
    const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
    planEncoding(kernels, quantizer)(rows, codes);
    return codes;
  };
  const quantize = (quantizer: Quantizer, { rows, biases }: Classes): QuantizedClasses => ({
    quantizer,
    rows,
    biases,
    codes: nearest(quantizer, rows),
  });
  const fitted = (quantized: QuantizedClasses, queries: readonly Float32Array[]): QuantizedClasses => ({
    ...quantized,
    quantizer: fitCodewords(kernels, quantized, queries, { scan, seed }),
  });

  return {
    quantize,
    async learn(classes) {
      const rows = memoryTrainingRows(sample.ids.length, dim, pickRows(classes.rows, dim, sample.ids));
      const learned = quantize(await trainQuantizer(kernels, rows, sample.weights, { kind, bits, seed }), classes);
      return plan.queries.length > 0 ? fitted(learned, plan.queries) : learned;
    },
    relearn(from, classes, queries) {
      const learned = quantize(warmCodebooks(kernels, from, classes.rows, sample), classes);
      return plan.fits ? fitted(learned, queries) : learned;
    },
  };
}
