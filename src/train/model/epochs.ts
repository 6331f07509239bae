import { startYielding, type YieldIfDue } from "../runtime/event-loop.ts";
import { bestOf, costOf, isBetter, isOver } from "./best-epoch.ts";
import { type Checkpoint, hasBest, type TrainingSettings, type TrainingState, writeCheckpoint } from "./checkpoint.ts";
import { checksumBy } from "./checksum.ts";
import { namingDivergence, throwIfDiverged } from "./diverged.ts";
import type { ModelKernels } from "./kernels.ts";
import { labelsOf } from "./labels.ts";
import type { Model } from "./model.ts";
import { startOrigin } from "./origin.ts";
import { checkpointOf, modelOf, type TrainedTables } from "./run.ts";
import type { SelectBy } from "./select-by.ts";
import type { EpochReport, SamplerFactory, Settings, TrainOptions } from "./train-options.ts";

/** The result of a training. */
export interface Trained {
  /** The trained model. */
  readonly model: Model;
  /**
   * The epoch of the model, from 1 on: with `patience` the best one by held-out data, otherwise the last. A finished training that
   * is resumed has the model of its checkpoint.
   */
  readonly epoch: number;
  /** One report per epoch. */
  readonly history: readonly EpochReport[];
}

/** The options that the epochs of every training have. */
export type EpochOptions = Pick<
  TrainOptions,
  "sampler" | "patience" | "labels" | "featureLabels" | "onProgress" | "onRefresh" | "onEpoch" | "signal"
>;

/** The figures of held-out data in the report of an epoch. */
export type HeldOutFigures = Pick<EpochReport, "heldOutLoss" | "heldOutRanks">;

/** An epoch that begins. */
export interface Epoch {
  /** Its number, from 1 on. */
  readonly number: number;
  /** The number of steps before it. */
  readonly stepsBefore: number;
  /** The reports of the epochs before it. */
  readonly history: readonly EpochReport[];
  readonly options: EpochOptions;
  readonly yieldIfDue: YieldIfDue;
}

/** A training whose tables are in place, and what its epochs consist of. */
export interface EpochPlan {
  readonly run: TrainedTables<Pick<Settings, "optimizer" | "learningRate" | "epochs"> & { readonly dropout?: number }>;
  /** The settings that a resumed training must share with this one. */
  readonly facts: TrainingSettings;
  readonly resumed: Checkpoint | undefined;
  readonly stepsOfEpoch: number;
  /** The figure of held-out data that chooses the best epoch. */
  readonly selectBy: SelectBy;
  /** The name of the argument with the data, and its arrays and those of the held-out data, always in the same order. */
  readonly data: {
    readonly name: string;
    readonly arrays: readonly ArrayBufferView[];
    readonly heldOut: readonly ArrayBufferView[] | undefined;
  };
  /** Trains one epoch, with a new sampler, so that a resumed training has the same one. */
  readonly pass: (epoch: Epoch) => Promise<EpochReport>;
  /** Measures held-out data after an epoch. Undefined if there are none. */
  readonly measure: (() => HeldOutFigures) | undefined;
  /** Makes the sampler of an epoch. */
  readonly makeSampler: (factory: SamplerFactory | undefined, epoch: number) => Promise<unknown>;
}

/** Trains epoch after epoch, from the seed or from a checkpoint, until all are done or `patience` is over. */
export async function trainEpochs(kernels: ModelKernels, plan: EpochPlan, options: EpochOptions): Promise<Trained> {
  const { run, facts, resumed, stepsOfEpoch, selectBy, data, measure } = plan;
  const { patience } = options;
  const history: EpochReport[] = [...(resumed?.training.history ?? [])];
  const goesOn = (): boolean => history.length < run.settings.epochs && !isOver(history, patience, selectBy);
  const choosing = patience !== undefined && goesOn() ? data.heldOut : undefined;
  const origin = startOrigin(kernels, run.arena, { ...data, choosing }, resumed?.training.origin);
  const named = origin.named(options);
  const labels = labelsOf(options, run.shape, resumed);
  const yieldIfDue = startYielding(options.signal);
  let steps = resumed?.training.steps ?? 0;
  // Where no epoch is left, the result is the model of the checkpoint, which may be that of an earlier epoch.
  const isFinished = resumed !== undefined && !goesOn() && hasBest(facts, (name) => name in resumed.states);
  const isChosen = patience !== undefined || isFinished;
  let best = resumed && isChosen ? bestOf(resumed) : undefined;
  let begun = 0;
  await yieldIfDue();
  while (goesOn()) {
    const epoch = history.length + 1;
    begun = epoch;
    const pass = plan.pass({ number: epoch, stepsBefore: steps, history, options: named, yieldIfDue });
    const trained = await namingDivergence(run, epoch, pass);
    steps += stepsOfEpoch;
    const report: EpochReport = { ...trained, ...measure?.() };
    throwIfDiverged(run, report);
    history.push(report);
    const isBest = isBetter(report, best, selectBy);
    if (patience !== undefined && isBest) best = { epoch, cost: costOf(report, selectBy), model: modelOf(run) };
    const kept = patience === undefined || isBest ? undefined : best?.model;
    const training: TrainingState = {
      epoch,
      steps,
      settings: facts,
      history: history.slice(),
      origin: origin.origin(),
    };
    await options.onEpoch?.(report, () => {
      checkInTime(epoch, begun);
      return writeCheckpoint(
        { ...checkpointOf(run, training, kept), ...labels },
        checksumBy(kernels, run.arena.nest()),
      );
    });
  }
  const done = history.length;
  // Where nothing was left to train, another sampler than that of the checkpoint would not have been noticed.
  if (done === resumed?.training.epoch) await plan.makeSampler(named.sampler, done + 1);
  const last = { epoch: done, model: modelOf(run) };
  const { epoch, model } = (isChosen ? best : undefined) ?? last;
  return { model, epoch, history };
}

/**
 * Throws a RangeError if a checkpoint is asked for when the training has begun another epoch: it would have the tables of that
 * one, and the report of its own.
 */
function checkInTime(epoch: number, begun: number): void {
  if (epoch === begun) return;
  throw new RangeError(
    `checkpoint() of epoch ${epoch} expected a call before epoch ${epoch + 1} begins, got one after it`,
  );
}
