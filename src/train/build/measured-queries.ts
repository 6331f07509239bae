import { checkSeed } from "../../checks/check.ts";
import { splitQueries } from "../fitting/split-queries.ts";
import type { Matrix } from "../rows/matrix.ts";
import type { BuildOptions } from "./build-options.ts";

/** Chooses the queries to measure recall and error bars with: those that no codebook was fitted to. */
export function measuredQueries(
  [itemCount, dim]: Matrix["shape"],
  { fit, queries, seed = 0 }: BuildOptions,
): Pick<BuildOptions, "queries"> {
  if (queries === undefined) return {};
  return { queries: fit ? splitQueries(queries, dim, itemCount, checkSeed(seed)).heldOut : queries };
}
