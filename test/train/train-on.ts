import { type Codes, planEncoding } from "../../src/train/codes/encode.ts";
import { type Quantizer, trainQuantizer } from "../../src/train/kmeans/quantizer.ts";
import type { QuantizerOptions } from "../../src/train/kmeans/quantizer-options.ts";
import { memoryTrainingRows } from "../../src/train/rows/training-rows.ts";
import { drawTrainingSample, expectedSampleRows } from "../../src/train/rows/training-sample.ts";
import type { TrainKernels } from "../../src/train/runtime/kernels.ts";

export interface Table {
  /** f32 (itemCount, dim). */
  readonly data: Float32Array;
  readonly itemCount: number;
  readonly dim: number;
  readonly weights?: Float64Array | Float32Array;
}

/** Draws a sample of the rows and trains a quantizer on it, as a build does. */
export function trainOn(
  kernels: TrainKernels,
  { data, itemCount, dim, weights }: Table,
  options: QuantizerOptions & { readonly sampleRows?: number },
): Promise<Quantizer> {
  const { bits, seed, sampleRows = expectedSampleRows(bits) } = options;
  const sample = drawTrainingSample(itemCount, weights, sampleRows, seed);
  const rows = memoryTrainingRows(sample.ids.length, dim);
  for (const id of sample.ids) rows.add(data.subarray(id * dim, (id + 1) * dim));
  return trainQuantizer(kernels, rows, sample.weights, options);
}

/** Encodes `itemCount` rows. */
export function encodeAll(kernels: TrainKernels, quantizer: Quantizer, data: Float32Array, itemCount: number): Codes {
  const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
  planEncoding(kernels, quantizer)(data, codes);
  return codes;
}
