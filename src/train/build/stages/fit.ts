import { fitWith } from "../../fitting/fit.ts";
import type { FitReport } from "../../fitting/fit-options.ts";
import type { Encoded } from "./encode.ts";
import type { Stage } from "./stage.ts";

export interface Fitted extends Encoded {
  readonly fit: FitReport | undefined;
}

/** Fits codebooks and codes to the queries, if the build has the option `fit`. */
export const fitCodebooks: Stage<Encoded, Fitted> = async (build, encoded) => {
  const { kernels, plan, warm, table, rowPool, workspace, signal, progress } = build;
  if (plan.fit === undefined) return { ...encoded, fit: undefined };
  const { bias, metric, seed, mostOutliers } = plan;
  const finish = { mostOutliers, queryNorm: plan.queryNorm as number }; // a fit has queries
  const { quantizer, codes, training } = encoded;
  const origin = warm ? "older index" : "k-means";
  const { report, ...fitted } = await fitWith(
    kernels,
    { table, bias, metric, quantizer, codes, training, origin, seed, finish, ...plan.fit },
    { signal, pool: rowPool, workspace, onProgress: progress.report("fit") },
  );
  return { ...encoded, ...fitted, fit: report };
};
