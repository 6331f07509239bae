import { checkCount, checkFlag, checkNumber, checkSeed } from "../../checks/check.ts";
import { type Names, requireBeside } from "../../checks/function-options.ts";
import { checkRange } from "../model/check-range.ts";
import { OPTIMIZERS, type OptimizerName } from "../model/optimizer.ts";
import { MAX_DIM, MAX_UNITS, type ModelShape } from "../model/shape.ts";
import type { EpochReport, SamplerFactory, TrainProgress } from "../model/train-options.ts";
import type { RefreshReport } from "../samplers/sampler.ts";
import { checkSequences, type Sequences } from "./sequences.ts";

/** Options of `trainSequences`. */
export interface SequenceOptions {
  /** Number of values of a vector or a query: a multiple of 4, up to 4,096. Default 64. */
  readonly dim?: number;
  /** Number of values of the encoder's state: a multiple of 4, up to 4,096. Default: that of `dim`. */
  readonly units?: number;
  /** The encoder reads the vectors of the classes, and learns no others. Default true. */
  readonly tied?: boolean;
  /** The share of the values of inputs and of outputs that a step drops, 0 … .99. Default .2. */
  readonly dropout?: number;
  /** The most positions of a window. Default 200, or 35 with `carry`. */
  readonly length?: number;
  /**
   * The sequences are one text, end to end. It is divided into `batchSize` streams, and the state of a window is carried over
   * to the next (truncated backpropagation through time). Default false: only the last `length` positions of each sequence
   * are learned from, each time from a state of 0.
   */
  readonly carry?: boolean;
  /** Passes over the sequences, from 0 on. Default 5. */
  readonly epochs?: number;
  /** Windows per step, 1 … 65,536. Default 64, or 20 with `carry`. */
  readonly batchSize?: number;
  /** "adam", "adagrad" or "sgd" (without momentum). Default "adam". */
  readonly optimizer?: OptimizerName;
  /** The learning rate, 0 … 1,024. Default .001 for adam, .1 for the others. */
  readonly learningRate?: number;
  /** Decoupled weight decay, 0 … 1,024, as that of `train`. Default 0. */
  readonly weightDecay?: number;
  /** The largest Euclidean norm of all gradients together, beyond which a step scales them. 0: no limit. Default 5. */
  readonly clip?: number;
  /** Makes the sampler of negatives, once before each epoch. Default: none, and the softmax is over all classes. */
  readonly sampler?: SamplerFactory;
  /** Negatives drawn for each window, which its positions share, 1 … 65,536. Only with `sampler`. Default 256. */
  readonly negatives?: number;
  /**
   * The most positions of a window whose proposals are mixed, 1 … 4,096, where draws depend on the query. Only with
   * `sampler`. Default 8.
   */
  readonly proposals?: number;
  /** Steps between two calls of the sampler's `refresh` within an epoch. Only with `sampler`. Default 0: no refresh. */
  readonly refreshEvery?: number;
  /**
   * Sequences of the same items. After each epoch the loss over all classes of their last items is computed, or with `carry`
   * that of all items. Default: none.
   */
  readonly heldOut?: Sequences;
  /**
   * Most held-out sequences that the loss is computed for, evenly spaced, or with `carry` the positions. Only with
   * `heldOut`. Default 10,000.
   */
  readonly heldOutLimit?: number;
  /**
   * Early stopping: the training ends after this many epochs without a lower held-out loss, and the model is that of the
   * epoch with the lowest. Requires `heldOut`. Default: no early stopping.
   */
  readonly patience?: number;
  /** Seed of all random numbers. The same sequences, options and seed give the same bits. Default 0. */
  readonly seed?: number | bigint;
  /** A checkpoint to continue from, as that of `train`. Default: training starts from the seed. */
  readonly resume?: Uint8Array;
  /** Called after each step. Default: nothing is called. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Called after each refresh of the sampler. Default: nothing is called. */
  readonly onRefresh?: (report: RefreshReport) => void;
  /**
   * Called, and awaited, after each epoch. `checkpoint()` returns the bytes that `resume` takes. Default: nothing is called.
   */
  readonly onEpoch?: (report: EpochReport, checkpoint: () => Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Aborts the training, which then rejects with the reason of the signal. Default: none. */
  readonly signal?: AbortSignal;
}

export const SEQUENCE_OPTIONS: Names<SequenceOptions> = {
  ...{ dim: true, units: true, tied: true, dropout: true, length: true, carry: true, epochs: true, batchSize: true },
  ...{ optimizer: true, learningRate: true, weightDecay: true, clip: true, sampler: true, negatives: true },
  ...{ proposals: true, refreshEvery: true, heldOut: true, heldOutLimit: true, patience: true, seed: true },
  ...{ resume: true, onProgress: true, onRefresh: true, onEpoch: true, signal: true },
};

/** The checked settings of a training. */
export interface SequenceSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly length: number;
  readonly carry: boolean;
  readonly dropout: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly negatives: number;
  readonly proposals: number;
  readonly refreshEvery: number;
  readonly heldOutLimit: number;
  readonly seed: bigint;
}

const MOST = 2 ** 31 - 1;
const MOST_BATCH = 2 ** 16;
const MOST_LENGTH = 4096;
const MOST_DROPOUT = 0.99;

export function sequenceSettings(options: SequenceOptions): SequenceSettings {
  const { optimizer = "adam", sampler, heldOut, patience, seed = 0 } = options;
  const carry = checkFlag("carry", options.carry);
  if (!OPTIMIZERS.includes(optimizer)) {
    throw new RangeError(`"optimizer" expected ${OPTIMIZERS.join(", ")}, got ${optimizer}`);
  }
  if (sampler === undefined) requireBeside("sampler", options, ["negatives", "proposals", "refreshEvery"]);
  if (heldOut === undefined) requireBeside("heldOut", options, ["heldOutLimit", "patience"]);
  if (patience !== undefined) checkRange("patience", patience, 1, MOST);
  return {
    epochs: checkRange("epochs", options.epochs ?? 5, 0, MOST),
    batchSize: checkRange("batchSize", options.batchSize ?? (carry ? 20 : 64), 1, MOST_BATCH),
    length: checkRange("length", options.length ?? (carry ? 35 : 200), 1, MOST_LENGTH),
    carry,
    dropout: checkNumber("dropout", options.dropout ?? 0.2, 0, MOST_DROPOUT),
    optimizer,
    learningRate: checkNumber("learningRate", options.learningRate ?? (optimizer === "adam" ? 0.001 : 0.1), 0, 1024),
    weightDecay: checkNumber("weightDecay", options.weightDecay ?? 0, 0, 1024),
    clip: checkNumber("clip", options.clip ?? 5, 0, 1e6),
    negatives: checkRange("negatives", options.negatives ?? 256, 1, MOST_BATCH),
    proposals: checkRange("proposals", options.proposals ?? 8, 1, MOST_LENGTH),
    refreshEvery: checkRange("refreshEvery", options.refreshEvery ?? 0, 0, MOST),
    heldOutLimit: checkRange("heldOutLimit", options.heldOutLimit ?? 10_000, 1, MOST),
    seed: checkSeed(seed),
  };
}

/** Checks the sizes of a model of these sequences. */
export function sequenceShape({ itemCount }: Sequences, options: SequenceOptions): ModelShape {
  const dim = checkWidth("dim", options.dim ?? 64, MAX_DIM);
  const isTied = options.tied === undefined || checkFlag("tied", options.tied);
  return {
    classCount: itemCount,
    featureCount: itemCount,
    dim,
    positionCount: 0,
    hidden: "none",
    encoder: "gru",
    units: checkWidth("units", options.units ?? dim, MAX_UNITS),
    items: isTied ? "tied" : "own",
  };
}

function checkWidth(name: string, width: number, most: number): number {
  checkCount(name, width, most, "the limit");
  if (width < 4 || width % 4 !== 0)
    throw new RangeError(`"${name}" expected a multiple of 4 in 4..${most}, got ${width}`);
  return width;
}

/** Checks the sequences, and that the held-out ones have the same items. */
export function checkAll(sequences: Sequences, heldOut: Sequences | undefined): void {
  checkSequences("sequences", sequences);
  if (heldOut === undefined) return;
  checkSequences("heldOut", heldOut);
  if (heldOut.itemCount === sequences.itemCount) return;
  const { itemCount } = sequences;
  throw new RangeError(`"heldOut.itemCount" expected ${itemCount}, as in sequences, got ${heldOut.itemCount}`);
}
