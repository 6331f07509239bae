import { type Checkpoint, hasBest } from "./checkpoint.ts";
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

/**
 * Reads the best epoch from a checkpoint that a training with `patience` resumes. Epochs that were trained without `patience` left
 * no model of their best one, so that no later epoch could be compared with it.
 *
 * @throws RangeError if an epoch before the last was the best one, and the checkpoint has only the model of the last
 */
export function bestOf(checkpoint: Checkpoint): BestEpoch {
  const { history, settings } = checkpoint.training;
  const by = selectedBy(settings);
  const { shape, tables, states } = checkpoint;
  // Epochs without held-out data are no better than the last.
  const isMeasured = history.some((report) => costOf(report, by) !== undefined);
  const epoch = isMeasured ? bestEpochOf(history, by) : history.length;
  if (epoch < history.length && !hasBest(settings, (name) => name in states)) {
    throw new RangeError(
      `"patience" expected a checkpoint with the model of its best epoch, which is ${epoch} of ${history.length}, got one with the ` +
        `model of epoch ${history.length} only, because that was trained without "patience": resume from a checkpoint of ` +
        `epoch ${epoch}, resume without "patience", or train from the start with it`,
    );
  }
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
