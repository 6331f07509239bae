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

/** What a checkpoint knows of it: its model, which is the last epoch's unless the tables of that are there, too. */
export function bestOf(checkpoint: Checkpoint): BestEpoch | undefined {
  const { history } = checkpoint.training;
  if (history.length === 0) return undefined;
  const losses = history.map(({ heldOutLoss }) => heldOutLoss ?? Number.POSITIVE_INFINITY);
  const epoch = hasLatest(checkpoint) ? 1 + losses.indexOf(Math.min(...losses)) : history.length;
  const { shape, tables } = checkpoint;
  return { epoch, loss: history[epoch - 1]?.heldOutLoss, model: { shape, tables } };
}
