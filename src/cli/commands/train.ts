import { type Command, Option } from "commander";
import { type Examples, rowCount } from "../../train/model/examples.ts";
import type { Metrics } from "../../train/model/metrics.ts";
import type { Model } from "../../train/model/model.ts";
import { OPTIMISERS } from "../../train/model/optimiser.ts";
import { HIDDEN } from "../../train/model/shape.ts";
import type { Trained } from "../../train/model/train.ts";
import { evaluateModel, openCheckpoint, train } from "../../train/model/train-inlined.ts";
import type { TrainOptions } from "../../train/model/train-options.ts";
import { integer, MAX_COUNT, number, seed } from "../arguments/values.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { naming } from "../files/input-file.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readCheckpointFile } from "../files/stated-bytes.ts";
import { type Progress, startProgress } from "../output/progress.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";
import { type Corpus, POOLING, readCorpus, TASKS, type Task } from "../training/corpus.ts";
import { SAMPLERS, type SamplerName, samplerNamed } from "../training/samplers.ts";
import { refuseUnused } from "../training/unused-options.ts";

/** Options that the library takes as they are given here. */
type PassedOn =
  | "dim"
  | "hidden"
  | "epochs"
  | "batch"
  | "optimiser"
  | "rate"
  | "weightDecay"
  | "negatives"
  | "form"
  | "refreshEvery"
  | "patience";

interface TrainArguments extends Pick<TrainOptions, PassedOn> {
  readonly output: string;
  readonly task: Task;
  readonly valid?: string;
  readonly labelsOut?: string;
  readonly featuresOut?: string;
  readonly minCount: number;
  readonly maxWords: number;
  readonly history?: number;
  readonly sampler: SamplerName;
  readonly seed?: bigint;
  readonly resume?: true;
  readonly json?: true;
}

/** The number of words or items that are looked back at. */
const HISTORY: Readonly<Record<Task, number>> = { lm: 4, "next-item": 20, labels: 1 };
const METRICS_K = 10;
const METRICS_ROWS = 2000;

/** `midx train`: a model from text, sequences or labelled rows, whose classes `midx build` takes. */
export function addTrainCommand(program: Command, io: Io): void {
  const command = program
    .command("train")
    .description(
      "train a model with a sampled or full softmax, whose classes and biases are what an index is built from",
    )
    .argument("<data>", "text, a sentence a line; or .jsonl of {items: […]} or {features: […], labels: […]}")
    .requiredOption("-o, --output <file>", "the model (.safetensors), written anew after each epoch")
    .addOption(new Option("--task <name>", "what is learnt").choices(TASKS).makeOptionMandatory())
    .option("--valid <file>", "held-out data, to measure the model with after each epoch")
    .option("--labels-out <file>", "writes the name of each class on a line, for midx build --labels")
    .option("--features-out <file>", "writes the name of each feature on a line")
    .option("--min-count <n>", "leave out rarer words, items, features and labels", integer(1, MAX_COUNT), 1)
    .option("--max-words <n>", "and all but so many, the most frequent", integer(2, MAX_COUNT), MAX_COUNT)
    .option("--history <n>", "words (default: 4) or items (default: 20) that are looked back at", integer(1, 4096))
    .option("--dim <D>", "values of a vector, a multiple of 4 (default: 64)", integer(4, 4096))
    .addOption(new Option("--hidden <name>", "a hidden layer (default: none)").choices(HIDDEN))
    .option("--epochs <n>", "passes over the data (default: 5)", integer(1, MAX_COUNT))
    .option("--batch <n>", "examples a step (default: 64)", integer(1, 65536))
    .addOption(new Option("--optimiser <name>", "(default: adagrad)").choices(OPTIMISERS))
    .option("--rate <r>", "of learning (default: .1; adam: .001)", number(0, 1024))
    .option("--weight-decay <r>", "share of touched vectors that a step of rate 1 takes away", number(0, 1024))
    .addOption(
      new Option(
        "--sampler <name>",
        "what classes are drawn by; midx-pq by the halves of vectors, midx-head with a head of 64 exact classes, midx-learned with codewords fitted to the queries of each epoch",
      )
        .choices(SAMPLERS)
        .default("full"),
    )
    .option("--negatives <M>", "draws an example (default: 100)", integer(1, 65536))
    .addOption(new Option("--form <name>", "of the sampled loss (default: B)").choices(["A", "B"]))
    .option("--refresh-every <steps>", "have the sampler take note of changed vectors", integer(1, MAX_COUNT))
    .option(
      "--patience <epochs>",
      "end when the held-out loss has not fallen for so long, and keep the best epoch's model",
      integer(1, MAX_COUNT),
    )
    .option("--seed <integer>", "same data, options and seed: same model (default: 0)", seed)
    .option("--resume", "go on with the training that wrote the output, with its options; epochs may be more")
    .option("--json", "print one JSON event a line")
    .addHelpText("after", EXAMPLE)
    .action((data: string, options: TrainArguments) => {
      refuseUnused(command);
      return trainFile(data, options, io);
    });
}

const EXAMPLE = `
Example:
  $ midx train text.txt --task lm --valid valid.txt -o model.safetensors --labels-out words.txt
  $ midx build model.safetensors --tensor classes --bias bias --labels words.txt -o words.midx`;

async function trainFile(path: string, options: TrainArguments, io: Io): Promise<void> {
  const { output, labelsOut, featuresOut, valid } = options;
  await checkOutputs({ data: path, valid }, { output, "labels-out": labelsOut, "features-out": featuresOut }, io);
  const corpus = await readCorpus(options.task, path, {
    minCount: options.minCount,
    maxNames: options.maxWords,
    history: options.history ?? HISTORY[options.task],
  });
  const heldOut = valid === undefined ? undefined : await corpus.read(valid);
  if (labelsOut !== undefined) await writeNames(labelsOut, corpus.classes);
  if (featuresOut !== undefined) await writeNames(featuresOut, corpus.features);
  const progress = startProgress(io, options.json ? "json" : "text");
  try {
    const { model, epoch, history } = await train(corpus.examples, {
      ...libraryOptions(options, corpus.examples, progress, io),
      ...(options.resume && { resume: await readResumed(output) }),
      ...(heldOut && { heldOut }),
      async onEpoch(report, checkpoint) {
        await replaceFile(output, checkpoint());
        if (options.json) printJson(io.stdout, { event: "epoch", ...report });
      },
    });
    const measured =
      heldOut && rowCount(heldOut.positives) > 0
        ? await evaluateModel(model, heldOut, { k: METRICS_K, rows: METRICS_ROWS })
        : undefined;
    progress.stop();
    const facts = {
      output,
      shape: model.shape,
      pooling: POOLING[options.task],
      examples: rowCount(corpus.examples.positives),
      metrics: measured,
    };
    if (options.json) printJson(io.stdout, { event: "trained", ...facts, epoch, history });
    else
      printLines(io.stdout, [
        ...trainedLines(output, corpus, { epoch, history }, measured),
        ...hintLines(model, options),
      ]);
  } finally {
    progress.stop();
  }
}

/** The checkpoint at `path`, whose faults are said under its name. */
const readResumed = (path: string): Promise<Uint8Array> =>
  naming(path, async () => {
    const bytes = await readCheckpointFile(path);
    await openCheckpoint(bytes);
    return bytes;
  });

function libraryOptions(
  { dim, hidden, epochs, batch, optimiser, rate, weightDecay, negatives, form, ...options }: TrainArguments,
  examples: Examples,
  progress: Progress,
  io: Io,
): TrainOptions {
  const sampler = samplerNamed(options.sampler, examples);
  const { refreshEvery, patience } = options;
  return {
    ...(dim !== undefined && { dim }),
    ...(hidden && { hidden }),
    ...(epochs !== undefined && { epochs }),
    ...(batch !== undefined && { batch }),
    ...(optimiser && { optimiser }),
    ...(rate !== undefined && { rate }),
    ...(weightDecay !== undefined && { weightDecay }),
    // The softmax over all classes draws none, so that runs by samplers and without differ in one option.
    ...(sampler && {
      sampler,
      ...(negatives !== undefined && { negatives }),
      ...(form && { form }),
      ...(refreshEvery !== undefined && { refreshEvery }),
    }),
    ...(patience !== undefined && { patience }),
    ...(options.seed !== undefined && { seed: options.seed }),
    onProgress: everyPercent(progress),
    signal: io.signal,
  };
}

/** A step is too short to be told of: one report for each hundredth of an epoch. */
function everyPercent({ report }: Progress): NonNullable<TrainOptions["onProgress"]> {
  let told = -1;
  return ({ epoch, done, total }) => {
    const percent = 100 * epoch + Math.floor((100 * done) / total);
    if (percent === told) return;
    told = percent;
    report({ phase: `epoch ${epoch}`, done, total });
  };
}

const writeNames = (path: string, names: readonly string[]): Promise<void> =>
  replaceFile(path, new TextEncoder().encode(names.map((name) => `${name}\n`).join("")));

/** How an index is built that makes queries of features, where one can. */
function hintLines({ shape }: Model, { output, task, labelsOut, featuresOut }: TrainArguments): string[] {
  if (shape.hidden !== "none") return [];
  const options = ["--tensor classes --bias bias --features features"];
  if (shape.positionCount > 0) options.push("--positions positions");
  // The features of text and sequences are its classes.
  const featureLabels = featuresOut ?? (task === "labels" ? undefined : labelsOut);
  if (labelsOut !== undefined) options.push(`--labels ${shellWord(labelsOut)}`);
  if (featureLabels !== undefined) options.push(`--feature-labels ${shellWord(featureLabels)}`);
  return ["", `midx build ${shellWord(output)} ${options.join(" ")} --pooling ${POOLING[task]} -o <index>`];
}

function trainedLines(
  output: string,
  { examples, classes, features }: Corpus,
  { epoch, history }: Omit<Trained, "model">,
  metrics: Metrics | undefined,
): string[] {
  const of = history[epoch - 1];
  return factLines([
    ["model", output],
    ["classes", classes.length],
    ["features", features.length],
    ["examples", rowCount(examples.positives)],
    ["epochs", epoch === history.length ? epoch : `${history.length}, the model is of epoch ${epoch}`],
    ...(of ? [["loss", `${of.loss.toFixed(4)} nats`] as const] : []),
    ...(metrics
      ? ([
          ["held out", `${metrics.rowCount} examples`],
          ["perplexity", metrics.perplexity.toFixed(2)],
          [`NDCG@${metrics.k}`, metrics.ndcg.toFixed(4)],
          [`recall@${metrics.k}`, metrics.recall.toFixed(4)],
          [`P@${metrics.k}`, metrics.precision.toFixed(4)],
        ] as const)
      : []),
  ]);
}
