import { checkCount, checkNumber, checkSeed } from "../../checks/check.ts";
import type { Names } from "../../checks/function-options.ts";
import type { RefreshReport, Sampler } from "../samplers/sampler.ts";
import { checkCounts } from "./checked-examples.ts";
import { checkExamples, type Examples } from "./examples.ts";
import { OPTIMIZERS, type OptimizerName } from "./optimizer.ts";
import type { Hidden } from "./shape.ts";

/**
 * Makes a sampler of class vectors, f32 (classes, dim), and biases, which are its own to keep. `queries` gives those of at
 * most so many of the examples, evenly spaced, by the model as it is: f32 (n, dim).
 */
export type SamplerFactory = (
  rows: Float32Array,
  biases: Float32Array,
  seed: bigint,
  queries: (most: number) => Float32Array,
) => Sampler | Promise<Sampler>;

export interface TrainOptions {
  /** A multiple of 4. Default 64. */
  readonly dim?: number;
  /** Default "none". */
  readonly hidden?: Hidden;
  /** Passes over the examples. Default 5. */
  readonly epochs?: number;
  /** Examples a step. Default 64. */
  readonly batch?: number;
  /** Default "adagrad". */
  readonly optimiser?: OptimizerName;
  /** Default .1 for adagrad and descent, .001 for adam. */
  readonly rate?: number;
  /** Decoupled: a step takes rate · weightDecay of a touched vector away. Default 0. */
  readonly weightDecay?: number;
  /** Made anew before each epoch. Without one the softmax is over all classes. */
  readonly sampler?: SamplerFactory;
  /** Draws a query. Default 100. */
  readonly negatives?: number;
  /** The form of the sampled loss. Default "B", the recommended one. */
  readonly form?: "A" | "B";
  /** Steps of an epoch between two calls of the sampler's refresh. Default 0: none. */
  readonly refreshEvery?: number;
  /** Examples that are not learnt from; their loss is by the softmax over all classes. */
  readonly heldOut?: Examples;
  /** How many of them, evenly spaced. Default 2,000. */
  readonly heldOutRows?: number;
  /**
   * Epochs without a lower held-out loss that end the training; the model is then of the one with the lowest. Default:
   * none do.
   */
  readonly patience?: number;
  /** The same examples, options and seed give the same bits. Default 0. */
  readonly seed?: number | bigint;
  /** A checkpoint of a training with these options: it goes on, to the bits it would have had. */
  readonly resume?: Uint8Array;
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly onRefresh?: (report: RefreshReport) => void;
  /** After each epoch; `checkpoint` writes what `resume` takes. */
  readonly onEpoch?: (report: EpochReport, checkpoint: () => Uint8Array<ArrayBuffer>) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export const TRAIN_OPTIONS: Names<TrainOptions> = {
  ...{ dim: true, hidden: true, epochs: true, batch: true, optimiser: true, rate: true, weightDecay: true },
  ...{ sampler: true, negatives: true, form: true, refreshEvery: true, heldOut: true, heldOutRows: true },
  ...{ patience: true, seed: true, resume: true, onProgress: true, onRefresh: true, onEpoch: true, signal: true },
};

export interface TrainProgress {
  /** From 1 on. */
  readonly epoch: number;
  /** Examples of it. */
  readonly done: number;
  readonly total: number;
}

export interface EpochReport {
  /** From 1 on. */
  readonly epoch: number;
  /** Mean of the loss that was trained, in nats. */
  readonly loss: number;
  /** Mean, by the full softmax. */
  readonly heldOutLoss?: number;
  /** How many refreshes of the sampler did each of these. */
  readonly refreshes: Readonly<Record<RefreshReport["kind"], number>>;
  /** Classes that refreshes moved. */
  readonly moved: number;
}

/** The settings that stay the same through a training, resumed or not. */
export interface Settings {
  readonly epochs: number;
  readonly batch: number;
  readonly optimiser: OptimizerName;
  readonly rate: number;
  readonly weightDecay: number;
  readonly negatives: number;
  readonly form: "A" | "B";
  readonly refreshEvery: number;
  readonly heldOutRows: number;
  readonly seed: bigint;
}

const MAX_STEPS = 2 ** 31 - 1;
const MAX_BATCH = 2 ** 16;
const DEFAULT_RATES: Readonly<Record<OptimizerName, number>> = { adagrad: 0.1, adam: 0.001, descent: 0.1 };

export function settingsOf(options: TrainOptions): Settings {
  const { epochs = 5, batch = 64, optimiser = "adagrad", weightDecay = 0, negatives = 100, form = "B" } = options;
  const { refreshEvery = 0, heldOutRows = 2000, patience, heldOut, seed = 0 } = options;
  if (!OPTIMIZERS.includes(optimiser)) {
    throw new RangeError(`"optimiser" expected ${OPTIMIZERS.join(", ")}, got ${optimiser}`);
  }
  if (form !== "A" && form !== "B") throw new RangeError(`"form" expected A or B, got ${form}`);
  if (patience !== undefined && heldOut === undefined) {
    throw new RangeError(`"patience" expected "heldOut" beside it: it is about the loss of held-out examples`);
  }
  const least = (name: string, value: number, low: number, high: number): number => {
    checkCount(name, value, high, "the limit");
    if (value < low) throw new RangeError(`"${name}" expected ${low} or more, got ${value}`);
    return value;
  };
  if (patience !== undefined) least("patience", patience, 1, MAX_STEPS);
  return {
    epochs: least("epochs", epochs, 0, MAX_STEPS),
    batch: least("batch", batch, 1, MAX_BATCH),
    optimiser,
    rate: checkNumber("rate", options.rate ?? DEFAULT_RATES[optimiser], 0, 1024),
    weightDecay: checkNumber("weightDecay", weightDecay, 0, 1024),
    negatives: least("negatives", negatives, 1, MAX_BATCH),
    form,
    refreshEvery: least("refreshEvery", refreshEvery, 0, MAX_STEPS),
    heldOutRows: least("heldOutRows", heldOutRows, 1, MAX_STEPS),
    seed: checkSeed(seed),
  };
}

/** Examples to learn from, and held-out ones of the same classes and features. */
export function checkInputs(examples: Examples, heldOut: Examples | undefined): void {
  checkExamples("examples", examples);
  if (examples.positives.offsets.length === 1) throw new RangeError('"examples" expected at least one row');
  if (heldOut === undefined) return;
  checkExamples("heldOut", heldOut);
  checkCounts("heldOut", heldOut, examples, "examples");
}
