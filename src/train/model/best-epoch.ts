import { type Checkpoint, hasLatest } from "./checkpoint.ts";
import type { Model } from "./model.ts";
import type { EpochReport } from "./train-options.ts";

/** The model of the epoch with the lowest held-out loss, the first of those with the same. */
export interface BestEpoch {
  /** From 1 on. */
  readonly epoch: number;
  /** Undefined where nothing was held out: a later epoch is better then. */
  readonly loss: number | undefined;
  readonly model: Model;
}

/** Whether an epoch is better than the best before it. */
export const isBetter = ({ heldOutLoss: loss }: EpochReport, best: BestEpoch | undefined): boolean =>
  !(best?.loss !== undefined && loss !== undefined && best.loss <= loss);

/** Reads the best epoch from a checkpoint: its model is the last epoch's unless it has the tables of that as well. */
export function bestOf(checkpoint: Checkpoint): BestEpoch | undefined {
  const { history } = checkpoint.training;
  if (history.length === 0) return undefined;
  const epoch = hasLatest(checkpoint) ? bestEpochOf(history) : history.length;
  const { shape, tables } = checkpoint;
  return { epoch, loss: history[epoch - 1]?.heldOutLoss, model: { shape, tables } };
}

/** The first epoch with the lowest held-out loss, from 1 on. */
export function bestEpochOf(history: readonly EpochReport[]): number {
  const lossOf = (i: number): number => history[i]?.heldOutLoss ?? Number.POSITIVE_INFINITY;
  let best = 0;
  for (let i = 1; i < history.length; i++) if (lossOf(i) < lossOf(best)) best = i;
  return best + 1;
}
