import { type Checkpoint, hasLatest } from "./checkpoint.ts";
import type { Model } from "./model.ts";
import type { EpochReport } from "./train-options.ts";

/** The model of the epoch with the lowest held-out loss. Among equal losses it is the first. */
export interface BestEpoch {
  /** The number of the epoch, from 1 on. */
  readonly epoch: number;
  /** Undefined where nothing was held out. Then a later epoch counts as better. */
  readonly loss: number | undefined;
  readonly model: Model;
}

/** True if an epoch is better than the best before it. */
export const isBetter = ({ heldOutLoss: loss }: EpochReport, best: BestEpoch | undefined): boolean =>
  !(best?.loss !== undefined && loss !== undefined && best.loss <= loss);

/** Reads the best epoch from a checkpoint. It is the last epoch unless the checkpoint also has `latest` tables. */
export function bestOf(checkpoint: Checkpoint): BestEpoch | undefined {
  const { history } = checkpoint.training;
  if (history.length === 0) return undefined;
  const epoch = hasLatest(checkpoint) ? bestEpochOf(history) : history.length;
  const { shape, tables } = checkpoint;
  return { epoch, loss: history[epoch - 1]?.heldOutLoss, model: { shape, tables } };
}

/** Returns the number of the first epoch with the lowest held-out loss. */
export function bestEpochOf(history: readonly EpochReport[]): number {
  const lossOf = (i: number): number => history[i]?.heldOutLoss ?? Number.POSITIVE_INFINITY;
  let best = 0;
  for (let i = 1; i < history.length; i++) if (lossOf(i) < lossOf(best)) best = i;
  return best + 1;
}
