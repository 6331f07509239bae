import type { Names } from "../../checks/function-options.ts";
import type { Betas, OptimizerName } from "../model/optimizer.ts";
import type { SelectBy } from "../model/select-by.ts";
import type { EncoderName } from "../model/shape.ts";
import type { SamplerFactory, TrainingEvents } from "../model/train-options.ts";
import type { SequencePreset } from "./presets.ts";
import type { ScheduleName } from "./schedule.ts";
import type { Sequences } from "./sequences.ts";

/** Options of `trainSequences`. */
export interface SequenceOptions extends TrainingEvents {
  /**
   * Settings that were measured together, by their name (docs/sequences.md). Other options take precedence over those of the
   * preset, but its `encoder` is fixed. Settings of draws apply with a `sampler`, those that choose an epoch with `heldOut`,
   * except where `resume` continues a training that began without it. Default: none.
   */
  readonly preset?: SequencePreset;
  /** "gru", a GRU, or "attention", blocks of causal self-attention. Default "gru". */
  readonly encoder?: EncoderName;
  /** Number of values of a vector or a query: a multiple of 4, up to 4,096. Default 64. */
  readonly dim?: number;
  /** Number of values of the state of a GRU: a multiple of 4, up to 4,096. Default: `dim`. */
  readonly units?: number;
  /** Number of blocks, 1 … 16. Only with the encoder "attention". Default 2. */
  readonly blocks?: number;
  /** Number of heads of a block, of a multiple of 4 values each. Only with the encoder "attention". Default 1. */
  readonly heads?: number;
  /** The encoder reads items by the vectors of the classes, and learns no others. Default true. */
  readonly tied?: boolean;
  /**
   * The share of values that a step drops, 0 … .99: of the inputs and outputs of a GRU; with attention of the inputs, of the
   * weights of attention and of the outputs of both layers after it. Default .2.
   */
  readonly dropout?: number;
  /**
   * The most positions of a window, and with "attention" the most items that a query depends on. Default 200, or 35 with
   * `carry`.
   */
  readonly length?: number;
  /**
   * The sequences are one text, end to end. It is divided into `batchSize` streams of windows. "gru" carries the state of a
   * window over to the next (truncated backpropagation through time), and "attention" reads each window by itself. Default
   * false: only the last `length` positions of each sequence are learned from, each time from a state of 0.
   */
  readonly carry?: boolean;
  /**
   * Passes over the sequences, from 0 on. Default 5 or that of the preset; more, up to 30, if the sequences are so few that these
   * have less than 2,000 steps.
   */
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
   * The model is an average of the weights, over about the last ninth of the training, and held-out figures are those of the
   * averages. With false, the model has the last weights. Default true.
   */
  readonly averaging?: boolean;
  /** The largest Euclidean norm of all gradients together, beyond which a step scales them. 0: no limit. Default 5. */
  readonly clip?: number;
  /** Makes the sampler of negatives, once before each epoch. Default: none, and the softmax is over all classes. */
  readonly sampler?: SamplerFactory;
  /** Negatives of a set of draws, 1 … 65,536. Only with `sampler`. Default 256. */
  readonly negatives?: number;
  /**
   * The most positions of several windows that share a set of draws, 0 … 65,536. A longer window has a set of its own. For
   * short sequences some 200 cost less than a set for each, and allow more `negatives`. 0: each position has draws of its own,
   * as in `train`, which takes 1.5 to 3.3 times as long (docs/sequences.md). Only with `sampler`. Default 1: the positions of a
   * window share a set, and no other window does.
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
   * that of all items. Leave out sequences whose last item the training sequences lack. Default: none.
   */
  readonly heldOut?: Sequences;
  /**
   * Most held-out sequences that the loss is computed for, evenly spaced, or with `carry` the positions. Only with
   * `heldOut`. Default 10,000.
   */
  readonly heldOutLimit?: number;
  /**
   * Early stopping: the training ends after this many epochs in a row without a better one than before, and the model is that
   * of the best epoch, which `selectBy` chooses. Requires `heldOut`. Default: no early stopping, or that of the preset; more, up
   * to 30, if an epoch has so few steps that these would be less than 1,000 steps.
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
  /** The label of each item, all different, which checkpoints keep: `midx build` reads them. Default: none. */
  readonly labels?: readonly string[];
  /** Seed of all random numbers. The same sequences, options and seed give the same bits. Default 0. */
  readonly seed?: number | bigint;
  /** A checkpoint to continue from, as that of `train`. Default: training starts from the seed. */
  readonly resume?: Uint8Array;
}

export const SEQUENCE_OPTIONS: Names<SequenceOptions> = {
  dim: true,
  units: true,
  tied: true,
  dropout: true,
  length: true,
  carry: true,
  epochs: true,
  batchSize: true,
  optimizer: true,
  learningRate: true,
  weightDecay: true,
  clip: true,
  sampler: true,
  negatives: true,
  sharedBy: true,
  averaging: true,
  proposals: true,
  refreshEvery: true,
  heldOut: true,
  heldOutLimit: true,
  patience: true,
  labels: true,
  seed: true,
  selectBy: true,
  withoutSeen: true,
  preset: true,
  encoder: true,
  blocks: true,
  heads: true,
  betas: true,
  warmup: true,
  schedule: true,
  resume: true,
  onProgress: true,
  onRefresh: true,
  onEpoch: true,
  signal: true,
};
