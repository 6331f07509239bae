import { startYielding, type YieldIfDue } from "../runtime/event-loop.ts";
import { bestOf, isBetter, isOver } from "./best-epoch.ts";
import { checkSameSettings } from "./check-settings.ts";
import { type TrainingSettings, type TrainingState, writeCheckpoint } from "./checkpoint.ts";
import { checkInTime } from "./checkpoint-in-time.ts";
import { checksumBy } from "./checksum.ts";
import { namingDivergence, throwIfDiverged } from "./diverged.ts";
import { planScoring } from "./evaluation.ts";
import { type Examples, rowCount } from "./examples.ts";
import type { ModelKernels } from "./kernels.ts";
import { checkFactory, madeSampler } from "./made-sampler.ts";
import type { Model } from "./model.ts";
import { orderOf, spacedRows } from "./order.ts";
import { startOrigin } from "./origin.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { checkpointOf, modelOf, planRun, type Run } from "./run.ts";
import { type ModelShape, shapeFor } from "./shape.ts";
import { classesOf } from "./tables.ts";
import {
  checkInputs,
  type EpochReport,
  type SamplerFactory,
  type Settings,
  settingsOf,
  type TrainOptions,
} from "./train-options.ts";

/** The result of a training. */
export interface Trained {
  /** The trained model. */
  readonly model: Model;
  /** The epoch of the model, from 1 on: with `patience` the best one by held-out data, otherwise the last. */
  readonly epoch: number;
  /** One report per epoch. */
  readonly history: readonly EpochReport[];
}

/** Trains in mini-batches on `kernels`, a fresh instance. The same examples, options and seed give the same bits. */
export async function trainWith(kernels: ModelKernels, examples: Examples, options: TrainOptions): Promise<Trained> {
  checkFactory(options.sampler);
  checkInputs(examples, options.heldOut);
  const settings = settingsOf(options, examples);
  const shape = shapeFor(examples, options.dim ?? 64, options.hidden ?? "none");
  const resumed = options.resume === undefined ? undefined : readCheckpoint(options.resume, checksumBy(kernels));
  const facts = factsOf(settings, shape, examples, options);
  if (resumed) checkSameSettings(resumed.training.settings, facts);
  const run = planRun(kernels, examples, shape, settings, options, resumed);
  const heldOutLoss = planHeldOut(run, options.heldOut);
  const history: EpochReport[] = [...(resumed?.training.history ?? [])];
  const { heldOut, patience } = options;
  const goesOn = (): boolean => history.length < settings.epochs && !isOver(history, patience);
  const choosing = heldOut && patience !== undefined && goesOn() ? arraysOf(heldOut) : undefined;
  const data = { name: "examples", arrays: arraysOf(examples), choosing };
  const origin = startOrigin(kernels, run.arena, data, resumed?.training.origin);
  const named = origin.named(options);
  const yieldIfDue = startYielding(options.signal);
  let steps = resumed?.training.steps ?? 0;
  let best = resumed && patience !== undefined ? bestOf(resumed) : undefined;
  let begun = 0;
  await yieldIfDue();
  while (goesOn()) {
    const number = history.length + 1;
    begun = number;
    const pass = passOver(run, examples, named, number, steps, yieldIfDue);
    const epoch = await namingDivergence(run, number, pass);
    steps += Math.ceil(rowCount(examples.positives) / settings.batchSize);
    const loss = heldOutLoss?.();
    const report = loss === undefined ? epoch : { ...epoch, heldOutLoss: loss };
    throwIfDiverged(run, report);
    history.push(report);
    const isBest = isBetter(report, best);
    if (patience !== undefined && isBest) best = { epoch: history.length, cost: loss, model: modelOf(run) };
    const kept = patience === undefined || isBest ? undefined : best?.model;
    const training: TrainingState = {
      epoch: history.length,
      steps,
      settings: facts,
      history: history.slice(),
      origin: origin.origin(),
    };
    await options.onEpoch?.(report, () => {
      checkInTime(number, begun);
      return writeCheckpoint(checkpointOf(run, training, kept), checksumBy(kernels, run.arena.nest()));
    });
  }
  // Where nothing was left to train, another sampler than that of the checkpoint would not have been noticed.
  if (history.length === resumed?.training.epoch) await samplerOf(run, examples, named.sampler, history.length + 1);
  const last = { epoch: history.length, model: modelOf(run) };
  const { epoch, model } = (patience === undefined ? undefined : best) ?? last;
  return { model, epoch, history };
}

/** The arrays of examples. */
const arraysOf = ({ features, positives }: Examples): ArrayBufferView[] => {
  const { offsets, ids, weights } = features;
  return [offsets, ids, ...(weights ? [weights] : []), positives.offsets, positives.ids];
};

/**
 * Trains one epoch. It makes a new sampler, so that a resumed training has the same one. The report has no held-out loss.
 */
async function passOver(
  run: Run,
  examples: Examples,
  { sampler: factory, onProgress, onRefresh }: TrainOptions,
  epoch: number,
  stepsBefore: number,
  yieldIfDue: YieldIfDue,
): Promise<EpochReport> {
  const { step } = run;
  const { batchSize, seed, refreshEvery } = run.settings;
  const sampler = await samplerOf(run, examples, factory, epoch);
  const order = orderOf(rowCount(examples.positives), seed, epoch);
  const refreshes = { none: 0, reassigned: 0, rebuilt: 0 };
  let [loss, moved] = [0, 0];
  for (let first = 0, steps = 0; first < order.length; first += batchSize, steps++) {
    if (sampler && refreshEvery > 0 && steps > 0 && steps % refreshEvery === 0) {
      const report = sampler.refresh(...classesOf(run));
      refreshes[report.kind]++;
      moved += report.moved;
      onRefresh?.(report);
    }
    const rows = order.subarray(first, first + batchSize);
    loss += step(rows, (stepsBefore + steps) * batchSize, sampler);
    onProgress?.({ epoch, done: first + rows.length, total: order.length });
    await yieldIfDue();
  }
  return { epoch, loss: loss / order.length, refreshes, moved };
}

/** Makes the sampler of an epoch. */
function samplerOf(run: Run, examples: Examples, factory: SamplerFactory | undefined, epoch: number) {
  const queries = (most: number): Float32Array => run.queriesOf(spacedRows(rowCount(examples.positives), most));
  return madeSampler(factory, ...classesOf(run), run.settings.seed + BigInt(epoch), queries);
}

/** Returns a function that computes the mean loss of held-out rows by the softmax over all classes. */
function planHeldOut(run: Run, heldOut: Examples | undefined): (() => number) | undefined {
  if (heldOut === undefined || rowCount(heldOut.positives) === 0) return undefined;
  const { kernels, arena, tables, shape, settings } = run;
  const each = planScoring(kernels, arena, tables, shape.hidden, heldOut);
  const rows = spacedRows(rowCount(heldOut.positives), settings.heldOutLimit);
  return () => {
    let sum = 0;
    each(rows, ({ scores, positives, positiveCount }) => {
      sum += kernels.softmaxGradient(scores, shape.classCount, positives, positiveCount, 0);
    });
    return sum / rows.length;
  };
}

/** Returns the settings that a resumed training must share with the one it continues. */
function factsOf(
  { epochs: _, seed, ...settings }: Settings,
  shape: ModelShape,
  examples: Examples,
  { sampler }: TrainOptions,
): TrainingSettings {
  return {
    ...shape,
    ...settings,
    seed: String(seed),
    softmax: sampler ? "sampled" : "full",
    examples: rowCount(examples.positives),
  };
}
