import type { Command } from "commander";
import type { Trained } from "../../train/model/epochs.ts";
import { type Examples, rowCount } from "../../train/model/examples.ts";
import type { Metrics } from "../../train/model/metrics.ts";
import type { Model } from "../../train/model/model.ts";
import { evaluateModel, openCheckpoint, train } from "../../train/model/train-inlined.ts";
import type { TrainOptions } from "../../train/model/train-options.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { naming } from "../files/input-file.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readCheckpointFile } from "../files/stated-bytes.ts";
import { startProgress } from "../output/progress.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { type Corpus, POOLING, readCorpus, type Task } from "../training/corpus.ts";
import { foundIn, readHeldOut, requireTraining, unknownFacts } from "../training/held-out.ts";
import { modelArgument } from "../training/model-argument.ts";
import { type Found, namesWriter } from "../training/names.ts";
import { BAG, type GivenArguments, TRAIN_OPTIONS, type TrainArguments } from "../training/options.ts";
import { samplerNamed } from "../training/samplers.ts";
import { startTrainingProgress } from "../training/training-progress.ts";
import { refuseUnused } from "../training/unused-options.ts";
import { trainEncoder } from "./train-encoder.ts";

/** The default number of preceding words or items that predict the next one. */
const HISTORY: Readonly<Record<Task, number>> = { lm: 4, "next-item": 20, labels: 1 };
const METRICS_K = 10;
const METRICS_ROWS = 2000;

/** `midx train`: trains a model on text, sequences or labelled rows. `midx build` makes an index of its classes. */
export function addTrainCommand(program: Command, io: Io): void {
  const command = program
    .command("train")
    .description("train a model with a full or sampled softmax; midx build makes an index of its classes and biases")
    .argument(
      "<data>",
      "training data: text with one sentence per line, or .jsonl of {items: […]} or {features: […], labels: […]}",
    )
    .requiredOption("-o, --output <file>", "model to write (.safetensors), replaced after each epoch");
  for (const option of TRAIN_OPTIONS) command.addOption(option);
  command.addHelpText("after", EXAMPLE).action((data: string, { encoder, ...others }: GivenArguments) => {
    refuseUnused(command);
    const options: TrainArguments = encoder === undefined || encoder === BAG ? others : { ...others, encoder };
    const isEncoder = options.encoder !== undefined || options.preset !== undefined;
    return (isEncoder ? trainEncoder : trainFile)(data, options, io);
  });
}

const EXAMPLE = `
Examples:
  $ midx train text.txt --task lm --valid valid.txt -o model.safetensors
  $ midx build model.safetensors --tensor classes --bias bias -o words.midx
  $ midx train clicks.jsonl --task next-item --encoder gru --sampler midx --valid valid.jsonl -o model.safetensors
  $ midx build model.safetensors --row-type f32 -o items.midx`;

async function trainFile(path: string, options: TrainArguments, io: Io): Promise<void> {
  const { output, labelsOut, featuresOut, valid } = options;
  const outputs = { "--output": output, "--labels-out": labelsOut, "--features-out": featuresOut };
  await checkOutputs({ "<data>": path, "--valid": valid }, outputs, io);
  const corpus = await readCorpus(options.task, path, {
    minCount: options.minCount,
    maxNames: options.maxWords,
    history: options.history ?? HISTORY[options.task],
  });
  const isEmpty = ({ positives }: Examples): boolean => rowCount(positives) === 0;
  requireTraining(path, options.task, isEmpty(corpus.examples));
  const read = await readHeldOut(valid, options.task, corpus.read, isEmpty);
  const heldOut = read?.data;
  const writeNames = namesWriter([
    [labelsOut, corpus.classes],
    [featuresOut, corpus.features],
  ]);
  const progress = startProgress(io, options.json ? "json" : "text");
  try {
    const { onProgress, onEpoch } = startTrainingProgress(progress, options);
    const { model, epoch, history } = await train(corpus.examples, {
      ...libraryOptions(options, corpus.examples, io),
      labels: corpus.classes,
      featureLabels: corpus.features,
      onProgress,
      ...(options.resume && { resume: await readResumed(output) }),
      ...(heldOut && { heldOut }),
      async onEpoch(report, checkpoint) {
        await replaceFile(output, checkpoint()); // first: a full disk may have room for the names, but not for the model
        await writeNames();
        onEpoch(report);
        if (options.json) printJson(io.stdout, { event: "epoch", ...report });
      },
    });
    await writeNames(); // a resumed training may have no epoch left
    const measured = heldOut && (await evaluateModel(model, heldOut, { k: METRICS_K, limit: METRICS_ROWS }));
    progress.stop();
    const facts = {
      output,
      shape: model.shape,
      pooling: POOLING[options.task],
      examples: rowCount(corpus.examples.positives),
      metrics: measured,
      ...foundIn(read),
    };
    if (options.json) printJson(io.stdout, { event: "trained", ...facts, epoch, history });
    else
      printLines(io.stdout, [
        ...trainedLines(options, corpus, { epoch, history }, { metrics: measured, found: read }),
        ...hintLines(model, options),
      ]);
  } finally {
    progress.stop();
  }
}

/** Reads and checks the checkpoint at `path`. Errors name the file. */
const readResumed = (path: string): Promise<Uint8Array> =>
  naming(path, async () => {
    const bytes = await readCheckpointFile(path);
    await openCheckpoint(bytes);
    return bytes;
  });

function libraryOptions(
  { dim, hidden, epochs, batchSize, optimizer, learningRate, weightDecay, negatives, form, ...options }: TrainArguments,
  examples: Examples,
  io: Io,
): TrainOptions {
  const { sampler: name = "full", unigramShare } = options;
  const sampler = samplerNamed({ name, unigramShare, negatives }, examples);
  const { refreshEvery, patience } = options;
  return {
    ...(dim !== undefined && { dim }),
    ...(hidden && { hidden }),
    ...(epochs !== undefined && { epochs }),
    ...(batchSize !== undefined && { batchSize }),
    ...(optimizer && { optimizer }),
    ...(learningRate !== undefined && { learningRate }),
    ...(weightDecay !== undefined && { weightDecay }),
    // The full softmax ignores the options of samplers, so that runs with and without a sampler differ in one option only.
    ...(sampler && {
      sampler,
      ...(negatives !== undefined && { negatives }),
      ...(form && { form }),
      ...(refreshEvery !== undefined && { refreshEvery }),
    }),
    ...(patience !== undefined && { patience }),
    ...(options.seed !== undefined && { seed: options.seed }),
    signal: io.signal,
  };
}

/** Suggests the command that builds an index with features. A model with a hidden layer can't be built into one. */
function hintLines({ shape }: Model, { output, task }: TrainArguments): string[] {
  if (shape.hidden !== "none") return [];
  const options = ["--tensor classes --bias bias --features features"];
  if (shape.positionCount > 0) options.push("--positions positions");
  return ["", `midx build ${modelArgument(output)} ${options.join(" ")} --pooling ${POOLING[task]} -o <index>`];
}

function trainedLines(
  { output }: TrainArguments,
  { examples, classes, features }: Corpus,
  { epoch, history }: Omit<Trained, "model">,
  { metrics, found }: { readonly metrics: Metrics | undefined; readonly found: Found | undefined },
): string[] {
  const of = history[epoch - 1];
  return factLines([
    ["model", output],
    ["classes", classes.length],
    ["features", features.length],
    ["examples", rowCount(examples.positives)],
    ["epochs", epoch === history.length ? epoch : `${history.length}; the model is that of epoch ${epoch}`],
    ...(of ? [["loss", `${of.loss.toFixed(4)} nats`] as const] : []),
    ...(metrics
      ? ([
          ["held out", `${metrics.rowCount} examples`],
          ...unknownFacts(found),
          ["perplexity", metrics.perplexity.toFixed(2)],
          [`NDCG@${metrics.k}`, metrics.ndcg.toFixed(4)],
          [`recall@${metrics.k}`, metrics.recall.toFixed(4)],
          [`P@${metrics.k}`, metrics.precision.toFixed(4)],
        ] as const)
      : []),
  ]);
}
