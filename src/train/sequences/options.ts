import { checkFlag, checkNumber, checkOneOf, checkSeed, kindOf } from "../../checks/check.ts";
import { type Names, requireBeside } from "../../checks/function-options.ts";
import { MAX_LENGTH } from "../../format/encoder.ts";
import { checkRange } from "../model/check-range.ts";
import { BETAS, type Betas, OPTIMIZERS, type OptimizerName } from "../model/optimizer.ts";
import { SELECT_BY, type SelectBy } from "../model/select-by.ts";
import type { EncoderName } from "../model/shape.ts";
import type { EpochReport, SamplerFactory, TrainProgress } from "../model/train-options.ts";
import type { RefreshReport } from "../samplers/sampler.ts";
import type { SequencePreset } from "./presets.ts";
import { SCHEDULES, type ScheduleName } from "./schedule.ts";
import { checkSequences, type Sequences } from "./sequences.ts";

/** Options of `trainSequences`. */
export interface SequenceOptions {
  /**
   * Settings that were measured together, by their name (docs/sequences.md). Other options win over those of the preset; only
   * its `encoder` is fixed. Settings of draws apply with a `sampler`, those that choose an epoch with `heldOut`. Default: none.
   */
  readonly preset?: SequencePreset;
  /** "gru", gated recurrent units, or "attention", blocks of causal self-attention. Default "gru". */
  readonly encoder?: EncoderName;
  /** Number of values of a vector or a query: a multiple of 4, up to 4,096. Default 64. */
  readonly dim?: number;
  /** Number of values of the state of gated units: a multiple of 4, up to 4,096. Default: `dim`. */
  readonly units?: number;
  /** Number of blocks, 1 … 16. Only with the encoder "attention". Default 2. */
  readonly blocks?: number;
  /** Number of heads of a block, of a multiple of 4 values each. Only with the encoder "attention". Default 1. */
  readonly heads?: number;
  /** The encoder reads the vectors of the classes, and learns no others. Default true. */
  readonly tied?: boolean;
  /**
   * The share of values that a step drops, 0 … .99: of the inputs and outputs of gated units; of the inputs, of the weights of
   * attention and of the outputs of both layers behind them. Default .2.
   */
  readonly dropout?: number;
  /**
   * The most positions of a window, and with "attention" the most items that a query depends on. Default 200, or 35 with
   * `carry`.
   */
  readonly length?: number;
  /**
   * The sequences are one text, end to end. It is divided into `batchSize` streams, and the state of a window is carried over
   * to the next (truncated backpropagation through time). Default false: only the last `length` positions of each sequence
   * are learned from, each time from a state of 0. Only with "gru".
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
  /** β₁ and β₂ of adam, 0 … .9999. Default [.9, .999]. */
  readonly betas?: Betas;
  /** The steps in which the learning rate rises evenly from 0. Default 0. */
  readonly warmup?: number;
  /**
   * The learning rate after the warm-up: "constant", or "cosine", which falls to 0 at the end of the last epoch by half a
   * cosine. A training that is resumed then has the same `epochs`. Default "constant".
   */
  readonly schedule?: ScheduleName;
  /** Decoupled weight decay, 0 … 1,024, as that of `train`. Default 0. */
  readonly weightDecay?: number;
  /**
   * The model is an average of the weights, over about the last ninth of the training. Held-out figures are those of the
   * averages. Default false: the model has the last weights.
   */
  readonly averaging?: boolean;
  /** The largest Euclidean norm of all gradients together, beyond which a step scales them. 0: no limit. Default 5. */
  readonly clip?: number;
  /** Makes the sampler of negatives, once before each epoch. Default: none, and the softmax is over all classes. */
  readonly sampler?: SamplerFactory;
  /** Negatives of a set of draws, 1 … 65,536. Only with `sampler`. Default 256. */
  readonly negatives?: number;
  /**
   * The most positions of several windows that share a set of draws, 1 … 65,536. A longer window has a set of its own. For
   * short sequences some 200 cost less than a set for each, and allow more `negatives`. Only with `sampler`. Default 1: the
   * positions of a window share a set, and no other window does.
   */
  readonly sharedBy?: number;
  /**
   * The most positions of a set of draws whose proposals are mixed, 1 … 4,096, if draws depend on the query. Only with `sampler`.
   * Default 8.
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
   * Early stopping: the training ends after this many epochs in a row without a better one than before, and the model is that
   * of the best epoch, which `selectBy` chooses. Requires `heldOut`. Default: no early stopping.
   */
  readonly patience?: number;
  /**
   * The figure that chooses the best epoch: the lowest "loss" of the held-out items, or their highest "recall" or "ndcg" at 10,
   * which are then also in the report of each epoch. The first of equals is kept. A resumed training has the same figure.
   * Requires `heldOut`. Default "loss".
   */
  readonly selectBy?: SelectBy;
  /**
   * The ranks of `selectBy` leave out the items that a sequence has already, as published figures do. For sequences that
   * never repeat an item. Only with `selectBy` "recall" or "ndcg", and without `carry`. Default false.
   */
  readonly withoutSeen?: boolean;
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
  ...{ sharedBy: true, averaging: true },
  ...{ proposals: true, refreshEvery: true, heldOut: true, heldOutLimit: true, patience: true, seed: true },
  ...{ selectBy: true, withoutSeen: true, preset: true },
  ...{ encoder: true, blocks: true, heads: true, betas: true, warmup: true, schedule: true },
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
  readonly betas: Betas;
  readonly warmup: number;
  readonly schedule: ScheduleName;
  readonly weightDecay: number;
  readonly averaging: boolean;
  readonly clip: number;
  readonly negatives: number;
  readonly sharedBy: number;
  readonly proposals: number;
  readonly refreshEvery: number;
  readonly heldOutLimit: number;
  readonly selectBy: SelectBy;
  readonly withoutSeen: boolean;
  readonly seed: bigint;
}

export const DEFAULT_EPOCHS = 5;
const MOST = 2 ** 31 - 1;
const MOST_BATCH = 2 ** 16;
const MOST_DROPOUT = 0.99;
const MOST_BETA = 0.9999;

export function sequenceSettings(options: SequenceOptions): SequenceSettings {
  const { optimizer = "adam", sampler, heldOut, patience, seed = 0 } = options;
  const carry = checkFlag("carry", options.carry);
  if (!OPTIMIZERS.includes(optimizer)) {
    throw new RangeError(`"optimizer" expected ${OPTIMIZERS.join(", ")}, got ${optimizer}`);
  }
  const schedule = options.schedule ?? "constant";
  checkOneOf("schedule", schedule, SCHEDULES);
  if (sampler === undefined) requireBeside("sampler", options, ["negatives", "sharedBy", "proposals", "refreshEvery"]);
  if (heldOut === undefined) requireBeside("heldOut", options, ["heldOutLimit", "patience", "selectBy"]);
  if (patience !== undefined) checkRange("patience", patience, 1, MOST);
  return {
    epochs: checkRange("epochs", options.epochs ?? DEFAULT_EPOCHS, 0, MOST),
    batchSize: checkRange("batchSize", options.batchSize ?? (carry ? 20 : 64), 1, MOST_BATCH),
    length: checkRange("length", options.length ?? (carry ? 35 : 200), 1, MAX_LENGTH),
    carry,
    dropout: checkNumber("dropout", options.dropout ?? 0.2, 0, MOST_DROPOUT),
    optimizer,
    learningRate: checkNumber("learningRate", options.learningRate ?? (optimizer === "adam" ? 0.001 : 0.1), 0, 1024),
    betas: checkBetas(options.betas ?? BETAS, optimizer),
    warmup: checkRange("warmup", options.warmup ?? 0, 0, MOST),
    schedule,
    weightDecay: checkNumber("weightDecay", options.weightDecay ?? 0, 0, 1024),
    averaging: checkFlag("averaging", options.averaging),
    clip: checkNumber("clip", options.clip ?? 5, 0, 1e6),
    negatives: checkRange("negatives", options.negatives ?? 256, 1, MOST_BATCH),
    sharedBy: checkRange("sharedBy", options.sharedBy ?? 1, 1, MOST_BATCH),
    proposals: checkRange("proposals", options.proposals ?? 8, 1, MAX_LENGTH),
    refreshEvery: checkRange("refreshEvery", options.refreshEvery ?? 0, 0, MOST),
    heldOutLimit: checkRange("heldOutLimit", options.heldOutLimit ?? 10_000, 1, MOST),
    ...selection(options, carry),
    seed: checkSeed(seed),
  };
}

/** Checks the options that choose the best epoch. */
function selection(
  { selectBy = "loss", ...options }: SequenceOptions,
  carry: boolean,
): Pick<SequenceSettings, "selectBy" | "withoutSeen"> {
  checkOneOf("selectBy", selectBy, SELECT_BY);
  const withoutSeen = checkSeen(options.withoutSeen, carry);
  if (withoutSeen && options.heldOut === undefined) requireBeside("heldOut", { withoutSeen }, ["withoutSeen"]);
  if (withoutSeen && selectBy === "loss") {
    throw new RangeError(
      '"withoutSeen" expected "selectBy" recall or ndcg beside it, got loss, which is over all classes',
    );
  }
  return { selectBy, withoutSeen };
}

/** Checks `withoutSeen`, which would leave nearly all words of a text out. */
export function checkSeen(given: boolean | undefined, carry: boolean): boolean {
  const withoutSeen = checkFlag("withoutSeen", given);
  if (withoutSeen && carry) {
    throw new RangeError('"withoutSeen" expected sequences without "carry": a text repeats its words');
  }
  return withoutSeen;
}

function checkBetas(betas: Betas, optimizer: OptimizerName): Betas {
  if (betas !== BETAS && optimizer !== "adam")
    throw new RangeError(`"betas" expected the optimizer adam, got ${optimizer}`);
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new TypeError(`"betas" expected an array of two numbers, got ${kindOf(betas)}`);
  }
  const [first, second] = betas.map((beta, i) => checkNumber(`betas[${i}]`, beta, 0, MOST_BETA));
  return [first as number, second as number];
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
