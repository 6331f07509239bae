import modelBytes from "../../../build/model.wasm?bytes";
import { functionOptions, requireBeside } from "../../checks/function-options.ts";
import { checkModelExamples } from "./checked-examples.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checksumBy } from "./checksum.ts";
import { queriesOf } from "./evaluation.ts";
import { type Examples, rowCount } from "./examples.ts";
import { instantiateModelKernels, type ModelKernels } from "./kernels.ts";
import { type Metrics, metricsOf } from "./metrics.ts";
import type { Model } from "./model.ts";
import { spacedRows } from "./order.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { type Trained, trainWith } from "./train.ts";
import { TRAIN_OPTIONS, type TrainOptions } from "./train-options.ts";

/** A fresh instance. */
const modelKernels = async (): Promise<ModelKernels> => instantiateModelKernels(await WebAssembly.compile(modelBytes));

/**
 * Trains a model whose query is a weighted bag of feature vectors, with a sampled softmax or the softmax over all classes.
 * The same examples, options and seed give the same bits in every runtime.
 *
 * @example
 * const { model, history } = await train(nextItemExamples(sequences, itemCount, 10), { dim: 64, epochs: 5, seed: 1 });
 */
export async function train(examples: Examples, options: TrainOptions = {}): Promise<Trained> {
  const given = functionOptions("train", TRAIN_OPTIONS, options);
  if (given.sampler === undefined) requireBeside("sampler", given, ["negatives", "form", "refreshEvery"]);
  if (given.heldOut === undefined) requireBeside("heldOut", given, ["heldOutRows"]);
  return trainWith(await modelKernels(), examples, given);
}

/** The checkpoint in `bytes`. FormatError where it is damaged or none. */
export async function openCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  return readCheckpoint(bytes, checksumBy(await modelKernels()));
}

/** How well a model predicts the positives of `examples`, all rows or `rows` of them evenly spaced; O(N·D) a row. */
export async function evaluateModel(
  model: Model,
  examples: Examples,
  options: { readonly k?: number; readonly rows?: number } = {},
): Promise<Metrics> {
  const { k = 10, rows = Number.MAX_SAFE_INTEGER } = functionOptions("evaluateModel", { k: true, rows: true }, options);
  checkModelExamples(model, examples);
  return metricsOf(await modelKernels(), model, examples, spacedRows(rowCount(examples.positives), rows), k);
}

/** f32 (rows, dim): queries of `examples`, all rows or `rows` of them evenly spaced, to measure or to ask an index with. */
export async function queries(
  model: Model,
  examples: Examples,
  options: { readonly rows?: number } = {},
): Promise<Float32Array<ArrayBuffer>> {
  const { rows = Number.MAX_SAFE_INTEGER } = functionOptions("queries", { rows: true }, options);
  checkModelExamples(model, examples);
  return queriesOf(await modelKernels(), model, examples, spacedRows(rowCount(examples.positives), rows));
}
