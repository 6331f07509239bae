import type { BuildStatistics } from "../../../worker/host/served-index.ts";
import { BandedDrift } from "../../../worker/telemetry/banded-drift.ts";
import { dueByGrowth, ERRORS } from "../../../worker/telemetry/upkeep.ts";
import type { ChangesInfo, Prediction, PredictOptions } from "../../index.ts";
import { type ChangedRows, type Due, type FoundDrift, mostOf, reasonOf } from "./found-drift.ts";

/** An index, or the parts of a manifest, whose answers are compared. */
export interface ComparedIndex {
  readonly info: { readonly dim: number; readonly changes?: Pick<ChangesInfo, "classCount"> };
  readonly statistics?: BuildStatistics | undefined;
  predict(query: Float32Array, k: number, options: PredictOptions): Prediction | Promise<Prediction>;
}

/** Asks an index with queries, f32 (n, dim), as a service would be asked, and returns the upkeep that is due. */
export async function fileDrift(
  index: ComparedIndex,
  queries: Float32Array,
  changes?: ChangedRows | undefined,
): Promise<FoundDrift> {
  const { dim } = index.info;
  const watch = new BandedDrift({ index, version: "" });
  const queryCount = queries.length / dim;
  for (let i = 0; i < queryCount; i++) {
    const { ids, ...answer } = await index.predict(queries.subarray(i * dim, (i + 1) * dim), 1, { seed: i });
    watch.observe({ ...answer, ids: Array.from(ids) }, {});
  }
  const { due, seen: drifts } = watch;
  if (due === undefined) {
    throw new RangeError(
      "<index> expected statistics of real queries in the file, got none: run midx calibrate --queries, or build it with --queries",
    );
  }
  if (drifts.length === 0) {
    throw new RangeError(
      "<index> expected at least one class to answer queries with, got none: add some, or build it anew",
    );
  }
  const dues: Due[] = [{ due, reason: reasonOf(due, drifts) }];
  const { residualGrowth = 1, residualError = 0 } = changes ?? {};
  if (residualGrowth - 1 >= ERRORS * residualError) {
    const times = `${residualGrowth.toFixed(2)} ± ${residualError.toFixed(2)}`;
    dues.push({
      due: dueByGrowth(residualGrowth),
      reason: `the residual energy of new rows is ${times} times that of the file`,
    });
  }
  return { ...mostOf(dues), queryCount, drifts, ...(changes && { changes }) };
}
