import { rowLimit } from "../rows/matrix.ts";
import type { Run } from "./run.ts";
import { valuesOf } from "./tables.ts";
import type { EpochReport } from "./train-options.ts";

/** The parts of a training that a divergence shows in. */
type Trained = Pick<Run, "arena" | "tables" | "shape"> & {
  readonly settings: Pick<Run["settings"], "learningRate"> & { readonly dropout?: number };
};

/** The largest magnitude of a vector of a class that a build and the samplers take. */
const LIMIT = rowLimit("f32");

/** Throws a RangeError if a loss or a table is no result of an epoch, before a checkpoint overwrites the last one. */
export function throwIfDiverged(
  run: Trained,
  { epoch, loss, heldOutLoss = 0 }: Pick<EpochReport, "epoch" | "loss" | "heldOutLoss">,
): void {
  const flaw = Number.isFinite(loss) && Number.isFinite(heldOutLoss) ? flawOfTables(run) : '"loss" is not finite';
  if (flaw === undefined) return;
  throw new RangeError(`the training diverged in epoch ${epoch}: ${flaw}. Try ${remedy(run)}`);
}

/** Awaits an epoch. An error that its samplers throw for values of a divergence becomes that of the divergence. */
export async function namingDivergence<Result>(run: Trained, epoch: number, pass: Promise<Result>): Promise<Result> {
  try {
    return await pass;
  } catch (error) {
    if (error instanceof RangeError) throwIfDiverged(run, { epoch, loss: 0 });
    throw error;
  }
}

/** The share of rows without a value that is left, up to which no training meets one. */
const NEVER = 1e-9;

/**
 * Where dropout leaves a row no value, the layer norms of attention divide by √1e-5, so that each block multiplies its
 * gradients by up to 1e5. From eight blocks on they exceed f32, at every learning rate.
 */
function remedy({ settings: { learningRate, dropout = 0 }, shape: { dim, blocks = 1 } }: Trained): string {
  const lower = `a "learningRate" below ${learningRate}`;
  if (blocks === 1 || dropout ** dim <= NEVER) return lower;
  return `a "dim" above ${dim}, "blocks" below ${blocks} or a "dropout" below ${dropout}, since whole rows are dropped, or ${lower}`;
}

function flawOfTables({ arena, tables }: Trained): string | undefined {
  for (const table of Object.values(tables)) {
    const wrong = valuesOf(arena, table).find((value) => !(Math.abs(value) <= LIMIT));
    if (wrong === undefined) continue;
    if (!Number.isFinite(wrong)) return `"${table.name}" is not finite`;
    return `"${table.name}" has a value of ${wrong}, whose magnitude is above ${LIMIT}`;
  }
  return undefined;
}
