import type { Trained } from "../../train/model/epochs.ts";
import { openCheckpoint } from "../../train/model/train-inlined.ts";
import type { EpochReport } from "../../train/model/train-options.ts";
import type { SequenceOptions } from "../../train/sequences/options.ts";
import { isOfText, unigramShareOf } from "../../train/sequences/presets.ts";
import { hasPositions, type Sequences } from "../../train/sequences/sequences.ts";
import { trainSequences } from "../../train/sequences/sequences-inlined.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { naming } from "../files/input-file.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readCheckpointFile } from "../files/stated-bytes.ts";
import { startProgress } from "../output/progress.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { foundIn, readHeldOut, requireTraining } from "../training/held-out.ts";
import { measure, measuredFacts } from "../training/measured.ts";
import { modelArgument } from "../training/model-argument.ts";
import { namesWriter } from "../training/names.ts";
import type { TrainArguments } from "../training/options.ts";
import { asFlags, resolvePreset } from "../training/preset-options.ts";
import { type NamedSampler, samplerFor, takesUnigramShare } from "../training/samplers.ts";
import { readSequenceCorpus, type SequenceCorpus, type SequenceTask } from "../training/sequences.ts";
import { startTrainingProgress } from "../training/training-progress.ts";

/** `midx train --encoder`: trains an encoder of sequences. */
export async function trainEncoder(path: string, options: TrainArguments, io: Io): Promise<void> {
  const { output, labelsOut, valid, minCount, maxWords, json } = options;
  const task = taskOf(options);
  await checkOutputs({ "<data>": path, "--valid": valid }, { "--output": output, "--labels-out": labelsOut }, io);
  const corpus = await readSequenceCorpus(task, path, { minCount, maxNames: maxWords });
  const isEmpty = (sequences: Sequences): boolean => !hasPositions(sequences);
  requireTraining(path, task, isEmpty(corpus.sequences));
  const read = await readHeldOut(valid, task, corpus.read, isEmpty, true);
  const heldOut = read?.data;
  const writeNames = namesWriter([[labelsOut, corpus.items]]);
  const progress = startProgress(io, json ? "json" : "text");
  try {
    const carry = task === "lm";
    const resumed = options.resume && (await readResumed(output));
    const given: SequenceOptions = {
      ...libraryOptions(options, corpus.sequences),
      labels: corpus.items,
      carry,
      signal: io.signal,
      ...(resumed && { resume: resumed.bytes }),
      ...(heldOut && { heldOut }),
    };
    const { options: resolved, fromPreset } = resolvePreset(given, corpus.sequences, options.preset, resumed?.history);
    if (fromPreset) printPreset({ ...ofSampler(options), ...fromPreset });
    const { onProgress, onEpoch } = startTrainingProgress(progress, resolved);
    const { model, epoch, history } = await trainSequences(corpus.sequences, {
      ...resolved,
      onProgress,
      async onEpoch(report, checkpoint) {
        await replaceFile(output, checkpoint()); // first: a full disk may have room for the names, but not for the model
        await writeNames();
        onEpoch(report);
        if (json) printJson(io.stdout, { event: "epoch", ...report });
      },
    });
    await writeNames(); // a resumed training may have no epoch left
    const learned = corpus.sequences;
    const measured = heldOut && (await measure(model, { learned, heldOut, length: resolved.length, carry }));
    progress.stop();
    const facts = { output, shape: model.shape, sequences: corpus.sequences.offsets.length - 1, ...measured };
    const found = foundIn(read);
    if (json) printJson(io.stdout, { event: "trained", ...facts, ...found, epoch, history });
    else {
      const lines = trainedLines(options, corpus, { epoch, history }, measured ? measuredFacts(measured, found) : []);
      printLines(io.stdout, [...lines, "", buildLine(options)]);
    }
  } finally {
    progress.stop();
  }

  function printPreset(set: Readonly<Record<string, unknown>>): void {
    if (json) printJson(io.stdout, { event: "preset", preset: options.preset, options: set });
    else printLines(io.stdout, [`preset ${options.preset} sets ${asFlags(set)}`]);
  }
}

/** The sampler that presets were measured with. */
const PRESET_SAMPLER = "midx";

/** Returns the sampler of a training, with the share of its draws by frequency. */
const samplerOf = ({
  preset,
  sampler,
  unigramShare,
}: TrainArguments): Required<Pick<NamedSampler, "name" | "unigramShare">> => ({
  name: sampler ?? (preset === undefined ? "full" : PRESET_SAMPLER),
  unigramShare: unigramShare ?? unigramShareOf(preset),
});

/** Returns the options of the sampler that are not given, and so those of the preset. */
function ofSampler(options: TrainArguments): Readonly<Record<string, unknown>> {
  const { name, unigramShare } = samplerOf(options);
  return {
    ...(options.sampler === undefined && { sampler: name }),
    ...(options.unigramShare === undefined && takesUnigramShare(name) && { unigramShare }),
  };
}

function taskOf({ task, preset, withoutSeen }: TrainArguments): SequenceTask {
  if (task === "labels") {
    throw new RangeError(`'--encoder' expected the task lm or next-item, got ${task}, which has no sequences`);
  }
  if (task === "lm" && withoutSeen) {
    throw new RangeError("'--without-seen' expected the task next-item, got lm: a text repeats its words");
  }
  const ofPreset = preset && isOfText(preset) ? "lm" : "next-item";
  if (preset === undefined || task === ofPreset) return task;
  throw new RangeError(`'--preset ${preset}' expected the task ${ofPreset}, got ${task}`);
}

interface Resumed {
  readonly bytes: Uint8Array;
  readonly history: readonly EpochReport[];
}

/** Reads and checks the checkpoint at `path`. Errors name the file. */
const readResumed = (path: string): Promise<Resumed> =>
  naming(path, async () => {
    const bytes = await readCheckpointFile(path);
    const { training } = await openCheckpoint(bytes);
    return { bytes, history: training.history };
  });

function libraryOptions(options: TrainArguments, { ids, itemCount }: Sequences): SequenceOptions {
  const sampler = samplerFor({ ...samplerOf(options), negatives: options.negatives }, ids, itemCount);
  const { encoder, dim, units, blocks, heads, tied, dropout, length, epochs, batchSize } = options;
  const { optimizer, learningRate, betas, warmup, schedule, weightDecay, averaging, clip } = options;
  const given = {
    encoder,
    dim,
    units,
    blocks,
    heads,
    dropout,
    length,
    epochs,
    batchSize,
    optimizer,
    learningRate,
    betas,
    warmup,
    schedule,
    weightDecay,
    averaging,
    clip,
  };
  const { negatives, sharedBy, proposals, refreshEvery, patience, selectBy, withoutSeen, seed } = options;
  return {
    ...defined({ ...given, patience, selectBy, withoutSeen, seed }),
    ...(tied === false && { tied }),
    // As in `midx train` without an encoder, the full softmax ignores the options of samplers.
    ...(sampler && { sampler, ...defined({ negatives, sharedBy, proposals, refreshEvery }) }),
  };
}

/** Leaves out options that were not given. */
const defined = (options: Readonly<Record<string, unknown>>): SequenceOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The command that builds an index with the encoder. A tied one can read the rows of the file only if they are f32. */
const buildLine = ({ output, tied }: TrainArguments): string =>
  `midx build ${modelArgument(output)}${tied === false ? "" : " --row-type f32"} -o <index>`;

function trainedLines(
  { output }: TrainArguments,
  { sequences, items }: SequenceCorpus,
  { epoch, history }: Omit<Trained, "model">,
  measured: readonly (readonly [string, string])[],
): string[] {
  const of = history[epoch - 1];
  return factLines([
    ["model", output],
    ["items", items.length],
    ["sequences", sequences.offsets.length - 1],
    ["epochs", epoch === history.length ? epoch : `${history.length}; the model is that of epoch ${epoch}`],
    ...(of ? [["loss", `${of.loss.toFixed(4)} nats`] as const] : []),
    ...measured,
  ]);
}
