import { bestEpochOf } from "../model/best-epoch.ts";
import { checkSameSettings } from "../model/check-settings.ts";
import type { TrainingSettings } from "../model/checkpoint.ts";
import { checksumBy } from "../model/checksum.ts";
import { type Epoch, type HeldOutFigures, type Trained, trainEpochs } from "../model/epochs.ts";
import type { ModelKernels } from "../model/kernels.ts";
import { checkFactory, madeSampler } from "../model/made-sampler.ts";
import { BETAS } from "../model/optimizer.ts";
import { orderOf } from "../model/order.ts";
import { readCheckpoint } from "../model/read-checkpoint.ts";
import { RANKED, type SelectBy } from "../model/select-by.ts";
import type { ModelShape } from "../model/shape.ts";
import { classesOf } from "../model/tables.ts";
import type { EpochReport, TrainProgress } from "../model/train-options.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { withAverages } from "./averaging.ts";
import { completedOptions } from "./completed-options.ts";
import { planMeasuring } from "./metrics.ts";
import type { SequenceOptions } from "./options.ts";
import { planSequenceRun, type SequenceRun } from "./run.ts";
import { planSequenceScoring } from "./scoring.ts";
import { sequenceShape } from "./sequence-shape.ts";
import type { Sequences } from "./sequences.ts";
import { checkAll, type SequenceSettings, sequenceSettings } from "./settings.ts";
import {
  anyOrder,
  type Batch,
  batchesOf,
  lastWindows,
  limitsOf,
  positionsOf,
  spacedBatches,
  stepsOfEpoch,
  streamBatches,
} from "./windows.ts";

/** The batches of an epoch. */
type BatchesOf = (epoch: number) => readonly Batch[];

/** Trains an encoder on `kernels`, a fresh instance. The same sequences, options and seed give the same bits. */
export async function trainSequencesWith(
  kernels: ModelKernels,
  sequences: Sequences,
  given: SequenceOptions,
): Promise<Trained> {
  checkFactory(given.sampler);
  const resumed = given.resume === undefined ? undefined : readCheckpoint(given.resume, checksumBy(kernels));
  checkAll(sequences, given.heldOut);
  const options = completedOptions(given, sequences, resumed?.training.history);
  const settings = sequenceSettings(options);
  const shape = sequenceShape(sequences, options, settings);
  const { batches, examples, limits } = planBatches(sequences, settings);
  const facts = factsOf(settings, shape, examples, options);
  if (resumed) checkSameSettings(resumed.training.settings, facts);
  const isSampled = options.sampler !== undefined;
  const steps = stepsOfEpoch(sequences, settings);
  const run = planSequenceRun(kernels, {
    ...{ sequences, shape, settings, isSampled, limits, resumed },
    stepsOfEpoch: steps,
  });
  const { heldOut } = options;
  const measure = planHeldOut(run, heldOut);
  return trainEpochs(
    kernels,
    {
      run,
      facts,
      resumed,
      stepsOfEpoch: steps,
      selectBy: settings.selectBy,
      data: { name: "sequences", arrays: arraysOf(sequences), heldOut: heldOut && arraysOf(heldOut) },
      pass: (epoch) => passOver(run, batches(epoch.number), epoch),
      measure: measure && (() => withAverages(run.arena, run.tables, measure)),
      makeSampler: (factory, epoch) => samplerOf(run, batches(epoch), factory, epoch),
    },
    options,
  );
}

const arraysOf = ({ offsets, ids }: Sequences): ArrayBufferView[] => [offsets, ids];

/** Adds the best epoch so far to progress, if anything is held out. */
function withBest(
  onProgress: (progress: TrainProgress) => void,
  history: readonly EpochReport[],
  by: SelectBy,
): (progress: TrainProgress) => void {
  const best = history[bestEpochOf(history, by) - 1];
  if (best?.heldOutLoss === undefined) return onProgress;
  return (progress) => onProgress({ ...progress, best });
}

/**
 * Divides the sequences into batches. `examples` is the number of windows of an epoch, rounded up to whole batches of a text.
 */
function planBatches(sequences: Sequences, settings: SequenceSettings) {
  const { batchSize, carry, length, seed } = settings;
  if (carry) {
    const batches = streamBatches(sequences, settings);
    return {
      batches: (): readonly Batch[] => batches,
      examples: batches.length * batchSize,
      limits: limitsOf(batches),
    };
  }
  const windows = lastWindows(sequences, length);
  const batches: BatchesOf = (epoch) => batchesOf(windows, orderOf(windows.length, seed, epoch), batchSize);
  return { batches, examples: windows.length, limits: anyOrder(windows, batchSize) };
}

/** Sets the state to 0 and makes the sampler of an epoch. */
async function samplerOf(
  run: SequenceRun,
  batches: readonly Batch[],
  factory: SequenceOptions["sampler"],
  epoch: number,
): Promise<Sampler | undefined> {
  run.reset();
  const queries = (most: number): Float32Array => run.queriesOf(batches[0] ?? [], most);
  const sampler = await madeSampler(factory, ...classesOf(run), run.settings.seed + BigInt(epoch), queries);
  if (!sampler?.useBatch) return sampler;
  const why = "draws of sequences may be their own positives, more often than its log Q says";
  throw new RangeError(`"sampler" expected another kind than "${sampler.name}": ${why}`);
}

/** Trains one epoch, from a state of 0. The report has no figures of held-out data. */
async function passOver(
  run: SequenceRun,
  batches: readonly Batch[],
  { number, stepsBefore, history, options: { sampler: factory, onProgress, onRefresh }, yieldIfDue }: Epoch,
): Promise<EpochReport> {
  const { settings } = run;
  const sampler = await samplerOf(run, batches, factory, number);
  const report = onProgress && withBest(onProgress, history, run.settings.selectBy);
  const total = batches.reduce((sum, batch) => sum + positionsOf(batch), 0);
  const refreshes = { none: 0, reassigned: 0, rebuilt: 0 };
  let [loss, moved, done] = [0, 0, 0];
  for (const [i, batch] of batches.entries()) {
    if (sampler && settings.refreshEvery > 0 && i > 0 && i % settings.refreshEvery === 0) {
      const report = sampler.refresh(...classesOf(run));
      refreshes[report.kind]++;
      moved += report.moved;
      onRefresh?.(report);
    }
    loss += run.step(batch, stepsBefore + i, sampler);
    done += positionsOf(batch);
    report?.({ epoch: number, done, total });
    await yieldIfDue();
  }
  return { epoch: number, loss: loss / total, refreshes, moved };
}

/**
 * Returns a function that measures held-out positions by the softmax over all classes, with their ranks if these are needed.
 */
function planHeldOut(run: SequenceRun, heldOut: Sequences | undefined): (() => HeldOutFigures) | undefined {
  if (heldOut === undefined) return undefined;
  const { kernels, arena, shape, settings } = run;
  const batches = spacedBatches(heldOut, settings, settings.heldOutLimit);
  const positions = settings.carry ? "all" : "last";
  const each = planSequenceScoring(kernels, arena, run, heldOut, batches, {
    positions,
    carry: settings.carry,
  });
  if (settings.selectBy !== "loss") {
    const scored = { kernels, arena, each, sequences: heldOut, classCount: shape.classCount };
    const measure = planMeasuring(scored, { k: RANKED, withoutSeen: settings.withoutSeen });
    return () => {
      const { loss, recall, ndcg } = measure();
      return { heldOutLoss: loss, heldOutRanks: { recall, ndcg } };
    };
  }
  return () => {
    let [sum, count] = [0, 0];
    each(({ scores, target }) => {
      sum += kernels.softmaxGradient(scores, shape.classCount, target, 1, 0);
      count++;
    });
    return { heldOutLoss: sum / count };
  };
}

/** Returns the settings that a resumed training must share with the one it continues. */
function factsOf(
  {
    epochs,
    seed,
    carry,
    betas,
    warmup,
    schedule,
    selectBy,
    withoutSeen,
    sharedBy,
    averaging,
    ...settings
  }: SequenceSettings,
  shape: ModelShape,
  examples: number,
  { sampler }: SequenceOptions,
): TrainingSettings {
  return {
    ...shape,
    ...settings,
    carry: carry ? "carry" : "none",
    seed: String(seed),
    softmax: sampler ? "sampled" : "full",
    examples,
    // Checkpoints that are older than these options do not name them.
    ...(betas.join() !== BETAS.join() && { betas: betas.join(" ") }),
    ...(sharedBy !== 1 && { sharedBy }),
    ...(averaging && { averaging: "true" }),
    ...(warmup > 0 && { warmup }),
    ...(schedule !== "constant" && { schedule, epochs }),
    ...(selectBy !== "loss" && { selectBy }),
    ...(withoutSeen && { withoutSeen: "true" }),
  } as TrainingSettings;
}
