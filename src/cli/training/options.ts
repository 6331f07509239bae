import { InvalidArgumentError, Option } from "commander";
import { MAX_BLOCKS } from "../../format/encoder.ts";
import { OPTIMIZERS, type OptimizerName } from "../../train/model/optimizer.ts";
import { SELECT_BY } from "../../train/model/select-by.ts";
import { ENCODERS, type EncoderName, HIDDEN } from "../../train/model/shape.ts";
import type { TrainOptions } from "../../train/model/train-options.ts";
import { MOST_UNIGRAM } from "../../train/samplers/create.ts";
import type { SequenceOptions } from "../../train/sequences/options.ts";
import { PRESET_NAMES, UNIGRAM_SHARE } from "../../train/sequences/presets.ts";
import { SCHEDULES } from "../../train/sequences/schedule.ts";
import { optionGroup } from "../arguments/option-group.ts";
import { integer, MAX_COUNT, number, seed } from "../arguments/values.ts";
import { TASKS, type Task } from "./corpus.ts";
import { SAMPLERS, type SamplerName } from "./samplers.ts";

/** Options that are passed to the library unchanged. */
type PassedOn =
  | "dim"
  | "hidden"
  | "epochs"
  | "batchSize"
  | "optimizer"
  | "learningRate"
  | "weightDecay"
  | "negatives"
  | "form"
  | "refreshEvery"
  | "patience";

/** Options that only encoders take. */
interface EncoderArguments
  extends Pick<
    SequenceOptions,
    | "units"
    | "blocks"
    | "heads"
    | "tied"
    | "dropout"
    | "length"
    | "clip"
    | "sharedBy"
    | "averaging"
    | "proposals"
    | "betas"
    | "warmup"
    | "schedule"
    | "preset"
    | "selectBy"
    | "withoutSeen"
  > {
  readonly encoder?: EncoderName;
}

/** The encoder that takes no order into account, and so is none: a weighted sum of vectors. */
export const BAG = "bag";

/** Parsed options of `midx train`. */
export interface TrainArguments extends Pick<TrainOptions, PassedOn>, EncoderArguments {
  readonly output: string;
  readonly task: Task;
  readonly valid?: string;
  readonly labelsOut?: string;
  readonly featuresOut?: string;
  readonly minCount: number;
  readonly maxWords: number;
  readonly history?: number;
  readonly sampler?: SamplerName;
  readonly unigramShare?: number;
  readonly seed?: bigint;
  readonly resume?: true;
  readonly json?: true;
}

/** The options as they are given: a bag has a name, too. */
export interface GivenArguments extends Omit<TrainArguments, "encoder"> {
  readonly encoder?: EncoderName | typeof BAG;
}

function optimizer(name: string): OptimizerName {
  const found = OPTIMIZERS.find((known) => known === name);
  if (found) return found;
  throw new InvalidArgumentError(`Allowed choices are ${OPTIMIZERS.join(", ")}.`);
}

function betas(text: string): readonly [number, number] {
  const parts = text.split(",");
  if (parts.length !== 2) throw new InvalidArgumentError("Two numbers with a comma between them are expected.");
  const [first = 0, second = 0] = parts.map((part) => number(0, 0.9999)(part));
  return [first, second];
}

const count = (flags: string, description: string, most = MAX_COUNT): Option =>
  new Option(flags, description).argParser(integer(1, most));

const GENERAL = [
  new Option("--task <name>", "predict the next word (lm), the next item of a sequence, or labels")
    .choices(TASKS)
    .makeOptionMandatory(),
  new Option("--valid <file>", "held-out data to measure the model with after each epoch"),
  new Option("--seed <integer>", "the same data, options and seed give the same model (default: 0)").argParser(seed),
  new Option("--resume", "continue the training that wrote the output, with the same options; --epochs may be larger"),
  new Option("--json", "print one JSON event per line"),
];

const VOCABULARY = optionGroup("Vocabulary", [
  new Option(
    "--labels-out <file>",
    "write one class label per line, for other programs: the model has the labels, too",
  ),
  new Option("--features-out <file>", "write one feature name per line, for other programs"),
  count("--min-count <n>", "leave out words, items, features and labels that occur less often").default(1),
  new Option("--max-words <n>", "keep only the n most frequent words, items, features or labels")
    .argParser(integer(2, MAX_COUNT))
    .default(MAX_COUNT, "no limit"),
  count("--history <n>", "preceding words (default: 4) or items (default: 20) that predict the next one", 4096),
]);

const MODEL = optionGroup("Model", [
  new Option("--dim <D>", "values per vector, a multiple of 4 (default: 64)").argParser(integer(4, 4096)),
  new Option("--hidden <name>", "activation of a hidden layer (default: none)").choices(HIDDEN),
]);

const ENCODER = optionGroup("Encoder of sequences", [
  new Option(
    "--preset <name>",
    "options that were measured together, for clicks or text; options that you give take precedence (docs/sequences.md)",
  ).choices(PRESET_NAMES),
  new Option(
    "--encoder <name>",
    "what reads the items: a bag of features (default), or an encoder of sequences, which takes their order into account (docs/sequences.md)",
  ).choices([BAG, ...ENCODERS]),
  new Option("--units <n>", "values of the state of gru, a multiple of 4 (default: that of --dim)").argParser(
    integer(4, 4096),
  ),
  count("--blocks <n>", "blocks of attention (default: 2)", MAX_BLOCKS),
  count(
    "--heads <n>",
    "heads of a block of attention; each has dim / heads values, a multiple of 4 (default: 1)",
    1024,
  ),
  new Option("--no-tied", "give the items that are read vectors of their own, instead of those of the classes"),
  new Option("--dropout <share>", "share of values that a step drops (default: 0.2)").argParser(number(0, 0.99)),
  count("--length <n>", "positions of a sequence that are learned together (default: 200, or 35 for a text)", 4096),
  new Option("--clip <norm>", "largest norm of all gradients, 0 for no limit (default: 5)").argParser(number(0, 1e6)),
  new Option("--betas <b1,b2>", "betas of adam (default: 0.9,0.999)").argParser(betas),
  count("--warmup <steps>", "steps in which the learning rate rises from 0"),
  new Option(
    "--schedule <name>",
    "learning rate after --warmup: constant, or half a cosine down to 0 (default: constant)",
  ).choices(SCHEDULES),
  new Option(
    "--no-averaging",
    "the model has the last weights, instead of averages over about the last ninth of the training",
  ),
  new Option(
    "--shared-by <n>",
    "most positions of several short sequences that share draws, 0 for draws of each position's own (default: each sequence has its own)",
  ).argParser(integer(0, 65536)),
  count("--proposals <n>", "positions whose proposals the shared draws come from (default: 8)", 4096),
]);

const OPTIMIZATION = optionGroup("Optimization", [
  count(
    "--epochs <n>",
    "passes over the data (default: 5, and up to 30 for few sequences with --encoder, or those of --preset)",
  ),
  count(
    "--batch-size <n>",
    "examples or sequences per step (default: 64, or 20 streams for a text with --encoder)",
    65536,
  ),
  new Option("--optimizer <name>", "optimizer (default: adagrad, or adam with --encoder)")
    .choices(OPTIMIZERS)
    .argParser(optimizer),
  new Option("--learning-rate <r>", "learning rate (default: 0.1, or 0.001 for adam)").argParser(number(0, 1024)),
  new Option(
    "--weight-decay <r>",
    "decoupled weight decay: a step removes the learning rate times r of each vector that it touches (default: 0)",
  ).argParser(number(0, 1024)),
  count(
    "--patience <epochs>",
    "stop after this many epochs without improvement on held-out data, and keep the model of the best epoch",
  ),
  new Option(
    "--select-by <figure>",
    "which figure decides the best epoch of an encoder: held-out loss, recall@10 or NDCG@10 (default: loss)",
  ).choices(SELECT_BY),
  new Option("--without-seen", "ranks of --select-by leave out the items that a sequence has already"),
]);

const SAMPLED_SOFTMAX = optionGroup("Sampled softmax", [
  new Option(
    "--sampler <name>",
    "sampler of negatives (default: full, or midx with --preset); full scores all classes instead. midx-pq quantizes the halves of vectors, midx-head has an exact head of 64 classes, midx-learned fits its codewords to queries of each epoch",
  ).choices(SAMPLERS),
  new Option(
    "--unigram-share <share>",
    `share of the draws that are by the frequency of classes, beside those of a sampler of MIDX (default: 0, ${UNIGRAM_SHARE} with --encoder, or that of --preset)`,
  ).argParser(number(0, MOST_UNIGRAM)),
  count(
    "--negatives <M>",
    "draws per example (default: 100), or with --encoder draws that a sequence shares (default: 256)",
    65536,
  ),
  new Option(
    "--form <name>",
    "form of the loss: log Q is subtracted from positives and negatives (A), or from negatives only (B) (default: A, or B where a row has several labels)",
  ).choices(["A", "B"]),
  count("--refresh-every <steps>", "steps between refreshes of the sampler within an epoch (default: no refresh)"),
]);

/** The options of `midx train` except for the output, in the order of its help. */
export const TRAIN_OPTIONS: readonly Option[] = [
  ...GENERAL,
  ...VOCABULARY,
  ...MODEL,
  ...ENCODER,
  ...OPTIMIZATION,
  ...SAMPLED_SOFTMAX,
];
