import type { Run } from "./run.ts";
import { valuesOf } from "./tables.ts";
import type { EpochReport } from "./train-options.ts";

/** Throws a RangeError if a loss or a table is not finite after an epoch, before a checkpoint overwrites the last one. */
export function throwIfDiverged(
  {
    arena,
    tables,
    settings,
  }: Pick<Run, "arena" | "tables"> & { readonly settings: Pick<Run["settings"], "learningRate"> },
  { epoch, loss, heldOutLoss = 0 }: EpochReport,
): void {
  const wrong =
    Number.isFinite(loss) && Number.isFinite(heldOutLoss)
      ? Object.values(tables).find((table) => !valuesOf(arena, table).every(Number.isFinite))?.name
      : "loss";
  if (wrong === undefined) return;
  throw new RangeError(
    `the training diverged in epoch ${epoch}: "${wrong}" is not finite. Try a "learningRate" below ${settings.learningRate}`,
  );
}
