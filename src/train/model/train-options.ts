import { checkNumber, checkSeed, shown } from "../../checks/check.ts";
import type { Names } from "../../checks/function-options.ts";
import type { RefreshReport, Sampler } from "../samplers/sampler.ts";
import { checkRange } from "./check-range.ts";
import { checkCounts } from "./checked-examples.ts";
import { checkExamples, type Examples, longestRow } from "./examples.ts";
import { OPTIMIZERS, type OptimizerName } from "./optimizer.ts";
import type { Hidden } from "./shape.ts";

/**
 * Makes the sampler of an epoch.
 *
 * @param rows a copy of the class vectors, f32 (classCount, dim)
 * @param biases a copy of the biases, f32 (classCount)
 * @param seed a seed for the epoch
 * @param queries computes the queries, f32 (n, dim), of at most `limit` evenly spaced examples by the current model, to
 *   fit a sampler to
 * @returns the sampler
 *
 * @example
 * const factory: SamplerFactory = (rows, biases, seed) => createSampler({ kind: "midx", seed }, { rows, biases });
 */
export type SamplerFactory = (
  rows: Float32Array,
  biases: Float32Array,
  seed: bigint,
  queries: (limit: number) => Float32Array,
) => Sampler | Promise<Sampler>;

/** How a caller follows a training and ends it: options of `train` and `trainSequences`. */
export interface TrainingEvents {
  /** Called after each step. Default: nothing is called. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Called after each refresh of the sampler. Default: nothing is called. */
  readonly onRefresh?: (report: RefreshReport) => void;
  /**
   * Called, and awaited, after each epoch. Before the next one begins, `checkpoint()` returns the bytes that `resume`
   * takes. Default: nothing is called.
   */
  readonly onEpoch?: (report: EpochReport, checkpoint: () => Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Aborts the training, which then rejects with the reason of the signal. Default: none. */
  readonly signal?: AbortSignal;
}

/** Options of `train`. */
export interface TrainOptions extends TrainingEvents {
  /** Number of values of a vector: a multiple of 4, up to 4,096. Default 64. */
  readonly dim?: number;
  /** The activation of a hidden layer between the features and the query: "none", "tanh" or "relu". Default "none". */
  readonly hidden?: Hidden;
  /** Passes over the examples, from 0 on. Default 5. */
  readonly epochs?: number;
  /** Examples per step, 1 … 65,536. Default 64. */
  readonly batchSize?: number;
  /** "adagrad", "adam" or "sgd" (without momentum). Default "adagrad". */
  readonly optimizer?: OptimizerName;
  /** The learning rate, 0 … 1,024. Default .1 for adagrad and sgd, .001 for adam. */
  readonly learningRate?: number;
  /**
   * Decoupled weight decay (Loshchilov & Hutter 2019), 0 … 1,024: a step takes learningRate · weightDecay of each
   * vector that it updates away. Default 0.
   */
  readonly weightDecay?: number;
  /** Makes the sampler of negatives, once before each epoch. Default: none, and the softmax is over all classes. */
  readonly sampler?: SamplerFactory;
  /** Negatives drawn per example, 1 … 65,536. Only with `sampler`. Default 100. */
  readonly negatives?: number;
  /**
   * The form of the sampled loss. "A" corrects positives and negatives by log Q. "B" corrects negatives only, and never
   * draws a positive (docs/method.md, section 7). If an example has several positives, form A has one denominator, over all of them
   * and the draws; that of sampledSoftmaxLoss has one for each positive. Only with `sampler`. Default "A", or "B" if an example has several positives:
   * docs/results.md has the figures.
   */
  readonly form?: "A" | "B";
  /** Steps between two calls of the sampler's `refresh` within an epoch. Only with `sampler`. Default 0: no refresh. */
  readonly refreshEvery?: number;
  /**
   * Examples that the model does not learn from. After each epoch their loss is computed over all classes. Default:
   * none.
   */
  readonly heldOut?: Examples;
  /** Most held-out examples that the loss is computed for, evenly spaced. Only with `heldOut`. Default 2,000. */
  readonly heldOutLimit?: number;
  /**
   * Early stopping: the training ends after this many epochs without a lower held-out loss, and the model is that of the epoch
   * with the lowest loss. Requires `heldOut`. Default: no early stopping.
   */
  readonly patience?: number;
  /** The label of each class, all different, which checkpoints keep: `midx build` reads them. Default: none. */
  readonly labels?: readonly string[];
  /** The name of each feature, all different, which checkpoints keep. Default: none. */
  readonly featureLabels?: readonly string[];
  /** Seed of all random numbers. The same examples, options and seed give the same bits. Default 0. */
  readonly seed?: number | bigint;
  /**
   * A checkpoint to continue from, with the same examples and options. Only `epochs` and `patience` may differ. The
   * result has the bits of an uninterrupted training. A RangeError names a setting that differs, and `patience` if the
   * model of the best epoch so far is missing, since it was trained without `patience`. A FormatError tells of damage.
   * Default: training starts from the seed.
   */
  readonly resume?: Uint8Array;
}

export const TRAIN_OPTIONS: Names<TrainOptions> = {
  dim: true,
  hidden: true,
  epochs: true,
  batchSize: true,
  optimizer: true,
  learningRate: true,
  weightDecay: true,
  sampler: true,
  negatives: true,
  form: true,
  refreshEvery: true,
  heldOut: true,
  heldOutLimit: true,
  patience: true,
  labels: true,
  featureLabels: true,
  seed: true,
  resume: true,
  onProgress: true,
  onRefresh: true,
  onEpoch: true,
  signal: true,
};

/** The progress of a training. */
export interface TrainProgress {
  /** The number of the epoch, from 1 on. */
  readonly epoch: number;
  /** Examples of the epoch that are done. */
  readonly done: number;
  /** Examples of the epoch. */
  readonly total: number;
  /** The report of the best epoch so far by held-out sequences. Only of `trainSequences` with `heldOut`. */
  readonly best?: EpochReport;
}

/** The ranks of held-out items among all classes, as means over the items. */
export interface HeldOutRanks {
  /** The share of items that are among the ten best. */
  readonly recall: number;
  /** The mean of 1 / log₂(rank + 2), with ranks from 0 on, or 0 for items that are not among the ten best. */
  readonly ndcg: number;
}

/** The report of an epoch. */
export interface EpochReport {
  /** The number of the epoch, from 1 on. */
  readonly epoch: number;
  /** Mean training loss over the examples, in nats, of the sampled softmax if there is a sampler. */
  readonly loss: number;
  /** Mean loss over the held-out examples by the softmax over all classes, in nats. Only with `heldOut`. */
  readonly heldOutLoss?: number;
  /** Recall and NDCG at 10 of the held-out items. Only if they choose the epoch (`selectBy` of `trainSequences`). */
  readonly heldOutRanks?: HeldOutRanks;
  /** Number of refreshes of each kind. */
  readonly refreshes: Readonly<Record<RefreshReport["kind"], number>>;
  /** Number of classes that the refreshes moved, summed over the refreshes. */
  readonly moved: number;
}

/** The checked settings of a training. */
export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly negatives: number;
  readonly form: "A" | "B";
  readonly refreshEvery: number;
  readonly heldOutLimit: number;
  readonly seed: bigint;
}

const MAX_STEPS = 2 ** 31 - 1;
const MAX_BATCH = 2 ** 16;
const DEFAULT_RATES: Readonly<Record<OptimizerName, number>> = { adagrad: 0.1, adam: 0.001, sgd: 0.1 };

/** @param examples checked examples, which decide the form of the loss if `options` do not name it */
export function settingsOf(options: TrainOptions, examples: Examples): Settings {
  const { epochs = 5, batchSize = 64, optimizer = "adagrad", weightDecay = 0, negatives = 100 } = options;
  const { form = defaultForm(options, examples) } = options;
  const { refreshEvery = 0, heldOutLimit = 2000, patience, heldOut, seed = 0 } = options;
  if (!OPTIMIZERS.includes(optimizer)) {
    throw new RangeError(`"optimizer" expected ${OPTIMIZERS.join(", ")}, got ${shown(optimizer)}`);
  }
  if (form !== "A" && form !== "B") throw new RangeError(`"form" expected A or B, got ${shown(form)}`);
  if (patience !== undefined && heldOut === undefined) {
    throw new RangeError(
      `"patience" expected "heldOut" beside it, because it compares the losses of held-out examples`,
    );
  }
  if (patience !== undefined) checkRange("patience", patience, 1, MAX_STEPS);
  return {
    epochs: checkRange("epochs", epochs, 0, MAX_STEPS),
    batchSize: checkRange("batchSize", batchSize, 1, MAX_BATCH),
    optimizer,
    learningRate: checkNumber("learningRate", options.learningRate ?? DEFAULT_RATES[optimizer], 0, 1024),
    weightDecay: checkNumber("weightDecay", weightDecay, 0, 1024),
    negatives: checkRange("negatives", negatives, 1, MAX_BATCH),
    form,
    refreshEvery: checkRange("refreshEvery", refreshEvery, 0, MAX_STEPS),
    heldOutLimit: checkRange("heldOutLimit", heldOutLimit, 1, MAX_STEPS),
    seed: checkSeed(seed),
  };
}

/**
 * Returns the better form. Form A would draw the positives of an example against each other. Checkpoints of the full softmax
 * name a form, too, which has no meaning.
 */
const defaultForm = ({ sampler }: TrainOptions, { positives }: Examples): Settings["form"] =>
  sampler === undefined || longestRow(positives) > 1 ? "B" : "A";

/** Checks the examples and that the held-out examples have the same classes and features. */
export function checkInputs(examples: Examples, heldOut: Examples | undefined): void {
  checkExamples("examples", examples);
  if (examples.positives.offsets.length === 1) throw new RangeError('"examples" expected at least one row');
  if (heldOut === undefined) return;
  checkExamples("heldOut", heldOut);
  checkCounts("heldOut", heldOut, examples, "examples");
}
