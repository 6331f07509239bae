import modelBytes from "../../../build/model.wasm?bytes";
import { checkCount } from "../../checks/check.ts";
import { functionOptions, requireBeside } from "../../checks/function-options.ts";
import { checkModelExamples } from "./checked-examples.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checksumBy } from "./checksum.ts";
import type { Trained } from "./epochs.ts";
import { queriesOf } from "./evaluation.ts";
import { type Examples, rowCount } from "./examples.ts";
import { instantiateModelKernels, type ModelKernels } from "./kernels.ts";
import { type Metrics, metricsOf } from "./metrics.ts";
import type { Model } from "./model.ts";
import { spacedRows } from "./order.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { trainWith } from "./train.ts";
import { TRAIN_OPTIONS, type TrainOptions } from "./train-options.ts";

/** Makes a fresh instance. */
const modelKernels = async (): Promise<ModelKernels> => instantiateModelKernels(await WebAssembly.compile(modelBytes));

/**
 * Trains a model with a sampled softmax or with the softmax over all classes. The query of an example is the weighted sum
 * of its feature vectors, with optional positions and an optional hidden layer (see ModelShape). The same examples, options
 * and seed give the same bits in every runtime.
 *
 * A step takes O((positives + negatives) · dim) per example with a sampler, plus the draws, and O(classes · dim) without.
 *
 * @param examples Features and positives of each example. The training reads these arrays, and those of `heldOut`, until it
 * ends, and does not copy them: do not change or transfer them before.
 * @param options The shape of the model, its sampler, the optimizer, and hooks.
 * @returns The model, and a report on each epoch.
 * @throws TypeError or RangeError that names an option or the first wrong element of the examples. RangeError if the
 * training diverges. FormatError for a damaged checkpoint in `resume`.
 *
 * @example
 * const examples = nextWordExamples(Int32Array.from({ length: 200 }, (_, i) => (i * i) % 7), 7, 2);
 * const { model, history } = await train(examples, {
 *   dim: 8,
 *   epochs: 3,
 *   learningRate: 0.05,
 *   sampler: (rows, biases, seed) => createSampler({ kind: "midx", seed }, { rows, biases }),
 *   negatives: 4,
 * });
 * console.log(history.at(-1).loss);
 * // The classes of the model become an index.
 * const { classCount, dim } = model.shape;
 * const file = await build({ data: model.tables.classes, shape: [classCount, dim] }, { bias: model.tables.bias });
 */
export async function train(examples: Examples, options: TrainOptions = {}): Promise<Trained> {
  const checked = functionOptions("train", TRAIN_OPTIONS, options);
  if (checked.sampler === undefined) requireBeside("sampler", checked, ["negatives", "form", "refreshEvery"]);
  if (checked.heldOut === undefined) requireBeside("heldOut", checked, ["heldOutLimit"]);
  return trainWith(await modelKernels(), examples, checked);
}

/** Reads a checkpoint. @throws FormatError for anything but an undamaged checkpoint. */
export async function openCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  return readCheckpoint(bytes, checksumBy(await modelKernels()));
}

/** Options of `evaluateModel`. */
export interface EvaluateModelOptions extends ExampleLimit {
  /** The k of ndcg, recall and precision, at least 1. Default 10. */
  readonly k?: number;
}

/** Limits the examples of a call. */
export interface ExampleLimit {
  /** Most examples to use, evenly spaced, from 0 on. Default: all. */
  readonly limit?: number;
}

/**
 * Measures how well a model predicts the positives of examples, exactly over all classes. Takes O(N · dim) per example.
 *
 * @param model A model of `train`.
 * @param examples Examples that the model did not learn from.
 * @param options The k of the metrics, and a limit of the examples.
 * @returns The metrics.
 * @throws TypeError or RangeError that names the argument, for example if the examples have other classes than the
 * model.
 *
 * @example
 * const examples = nextWordExamples(Int32Array.from({ length: 60 }, (_, i) => i % 5), 5, 1);
 * const { model } = await train(examples, { dim: 8 });
 * const { perplexity, recall } = await evaluateModel(model, examples, { k: 1, limit: 20 });
 * console.log(perplexity, recall);
 */
export async function evaluateModel(
  model: Model,
  examples: Examples,
  options: EvaluateModelOptions = {},
): Promise<Metrics> {
  const { k = 10, limit } = functionOptions("evaluateModel", { k: true, limit: true }, options);
  checkModelExamples(model, examples);
  return metricsOf(await modelKernels(), model, examples, limitedRows(examples, limit), k);
}

/**
 * Computes the queries of examples: f32 (n, dim), one per example, in order. Pass them to an index that was built from the
 * classes of the model, or to `build` as its option `queries`.
 *
 * @param model A model of `train`.
 * @param examples The examples.
 * @param options A limit of the examples.
 * @returns The queries, end to end.
 * @throws TypeError or RangeError that names the argument, for example if the examples have other features than the
 * model.
 *
 * @example
 * const examples = nextWordExamples(Int32Array.from({ length: 60 }, (_, i) => i % 5), 5, 1);
 * const { model } = await train(examples, { dim: 8 });
 * const queries = await encodeExamples(model, examples, { limit: 10 });
 * console.log(queries.length); // 10 × 8
 */
export async function encodeExamples(
  model: Model,
  examples: Examples,
  options: ExampleLimit = {},
): Promise<Float32Array<ArrayBuffer>> {
  const { limit } = functionOptions("encodeExamples", { limit: true }, options);
  checkModelExamples(model, examples);
  return queriesOf(await modelKernels(), model, examples, limitedRows(examples, limit));
}

function limitedRows({ positives }: Examples, limit: number | undefined): Uint32Array {
  const count = rowCount(positives);
  return spacedRows(
    count,
    limit === undefined ? count : checkCount("limit", limit, Number.MAX_SAFE_INTEGER, "the limit"),
  );
}
