import { rowLimit } from "../rows/matrix.ts";
import type { Run } from "./run.ts";
import { valuesOf } from "./tables.ts";
import type { EpochReport } from "./train-options.ts";

/** The parts of a training that a divergence shows in. */
type Trained = Pick<Run, "arena" | "tables"> & { readonly settings: Pick<Run["settings"], "learningRate"> };

/** The largest magnitude of a vector of a class that a build and the samplers take. */
const LIMIT = rowLimit("f32");

/** Throws a RangeError if a loss or a table is no result of an epoch, before a checkpoint overwrites the last one. */
export function throwIfDiverged(
  run: Trained,
  { epoch, loss, heldOutLoss = 0 }: Pick<EpochReport, "epoch" | "loss" | "heldOutLoss">,
): void {
  const flaw = Number.isFinite(loss) && Number.isFinite(heldOutLoss) ? flawOfTables(run) : '"loss" is not finite';
  if (flaw === undefined) return;
  const { learningRate } = run.settings;
  throw new RangeError(`the training diverged in epoch ${epoch}: ${flaw}. Try a "learningRate" below ${learningRate}`);
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

function flawOfTables({ arena, tables }: Trained): string | undefined {
  for (const table of Object.values(tables)) {
    const wrong = valuesOf(arena, table).find((value) => !(Math.abs(value) <= LIMIT));
    if (wrong === undefined) continue;
    if (!Number.isFinite(wrong)) return `"${table.name}" is not finite`;
    return `"${table.name}" has a value of ${wrong}, whose magnitude is above ${LIMIT}`;
  }
  return undefined;
}
