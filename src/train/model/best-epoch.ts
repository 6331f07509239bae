import { type Checkpoint, hasLatest } from "./checkpoint.ts";
import type { Model } from "./model.ts";
import { type SelectBy, selectedBy } from "./select-by.ts";
import type { EpochReport } from "./train-options.ts";

/**
 * The model of the best epoch, which has the lowest held-out loss or the highest held-out rank measure. Among equals it is the
 * first.
 */
export interface BestEpoch {
  /** The number of the epoch, from 1 on. */
  readonly epoch: number;
  /**
   * The figure that epochs are compared by. Less is better. Undefined if nothing was held out: then a later epoch is better.
   */
  readonly cost: number | undefined;
  readonly model: Model;
}

/** Returns the figure of held-out data that an epoch is chosen by. Undefined if nothing was held out. */
export const figureOf = ({ heldOutLoss, heldOutRanks }: EpochReport, by: SelectBy): number | undefined =>
  by === "loss" ? heldOutLoss : heldOutRanks?.[by];

/** Returns that figure with its sign such that less is better. */
export function costOf(report: EpochReport, by: SelectBy): number | undefined {
  const figure = figureOf(report, by);
  return figure === undefined || by === "loss" ? figure : -figure;
}

/** Returns true if an epoch is better than the best before it. */
export function isBetter(report: EpochReport, best: BestEpoch | undefined, by: SelectBy = "loss"): boolean {
  const cost = costOf(report, by);
  return !(best?.cost !== undefined && cost !== undefined && best.cost <= cost);
}

/** Reads the best epoch from a checkpoint. It is the last epoch unless the checkpoint also has `latest` tables. */
export function bestOf(checkpoint: Checkpoint): BestEpoch | undefined {
  const { history, settings } = checkpoint.training;
  if (history.length === 0) return undefined;
  const by = selectedBy(settings);
  const epoch = hasLatest(checkpoint) ? bestEpochOf(history, by) : history.length;
  const { shape, tables } = checkpoint;
  const report = history[epoch - 1];
  return { epoch, cost: report && costOf(report, by), model: { shape, tables } };
}

/** Returns the number of the first of the best epochs. */
export function bestEpochOf(history: readonly EpochReport[], by: SelectBy = "loss"): number {
  const costs = history.map((report) => costOf(report, by) ?? Number.POSITIVE_INFINITY);
  let best = 0;
  for (const [i, cost] of costs.entries()) if (cost < (costs[best] as number)) best = i;
  return best + 1;
}

/** Returns true if none of the last `patience` epochs was better than those before them. */
export function isOver(history: readonly EpochReport[], patience: number | undefined, by: SelectBy = "loss"): boolean {
  if (patience === undefined || history.length <= patience) return false;
  const costs = history.map((report) => costOf(report, by) ?? Number.POSITIVE_INFINITY);
  const before = Math.min(...costs.slice(0, -patience));
  // Epochs that were trained without held-out data have no figure to be better than.
  return before < Number.POSITIVE_INFINITY && !(Math.min(...costs.slice(-patience)) < before);
}
