import { checkSameSettings } from "./check-settings.ts";
import type { TrainingSettings } from "./checkpoint.ts";
import { checksumBy } from "./checksum.ts";
import { type Epoch, type HeldOutFigures, type Trained, trainEpochs } from "./epochs.ts";
import { planScoring } from "./evaluation.ts";
import { type Examples, rowCount } from "./examples.ts";
import type { ModelKernels } from "./kernels.ts";
import { checkFactory, madeSampler } from "./made-sampler.ts";
import { orderOf, spacedRows } from "./order.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { planRun, type Run } from "./run.ts";
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
  const { heldOut } = options;
  return trainEpochs(
    kernels,
    {
      run,
      facts,
      resumed,
      selectBy: "loss",
      stepsOfEpoch: Math.ceil(rowCount(examples.positives) / settings.batchSize),
      data: { name: "examples", arrays: arraysOf(examples), heldOut: heldOut && arraysOf(heldOut) },
      pass: (epoch) => passOver(run, examples, epoch),
      measure: planHeldOut(run, heldOut),
      makeSampler: (factory, epoch) => samplerOf(run, examples, factory, epoch),
    },
    options,
  );
}

/** The arrays of examples. */
const arraysOf = ({ features, positives }: Examples): ArrayBufferView[] => {
  const { offsets, ids, weights } = features;
  return [offsets, ids, ...(weights ? [weights] : []), positives.offsets, positives.ids];
};

/** Trains one epoch. The report has no held-out loss. */
async function passOver(
  run: Run,
  examples: Examples,
  { number, stepsBefore, options: { sampler: factory, onProgress, onRefresh }, yieldIfDue }: Epoch,
): Promise<EpochReport> {
  const { step } = run;
  const { batchSize, seed, refreshEvery } = run.settings;
  const sampler = await samplerOf(run, examples, factory, number);
  const order = orderOf(rowCount(examples.positives), seed, number);
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
    onProgress?.({ epoch: number, done: first + rows.length, total: order.length });
    await yieldIfDue();
  }
  return { epoch: number, loss: loss / order.length, refreshes, moved };
}

/** Makes the sampler of an epoch. */
function samplerOf(run: Run, examples: Examples, factory: SamplerFactory | undefined, epoch: number) {
  const queries = (most: number): Float32Array => run.queriesOf(spacedRows(rowCount(examples.positives), most));
  return madeSampler(factory, ...classesOf(run), run.settings.seed + BigInt(epoch), queries);
}

/** Returns a function that computes the mean loss of held-out rows by the softmax over all classes. */
function planHeldOut(run: Run, heldOut: Examples | undefined): (() => HeldOutFigures) | undefined {
  if (heldOut === undefined || rowCount(heldOut.positives) === 0) return undefined;
  const { kernels, arena, tables, shape, settings } = run;
  const each = planScoring(kernels, arena, tables, shape.hidden, heldOut);
  const rows = spacedRows(rowCount(heldOut.positives), settings.heldOutLimit);
  return () => {
    let sum = 0;
    each(rows, ({ scores, positives, positiveCount }) => {
      sum += kernels.softmaxGradient(scores, shape.classCount, positives, positiveCount, 0);
    });
    return { heldOutLoss: sum / rows.length };
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
