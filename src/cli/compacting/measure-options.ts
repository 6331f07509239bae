import { GRIDS } from "../../train/calibration/grid.ts";
import type { CompactOptions } from "../../train/compaction/compact-options.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { loadHere } from "../files/load-here.ts";

/** Options of a compaction, with queries in a file. */
export interface MeasureOptions extends Pick<CompactOptions, "calibrate" | "labels" | "signal"> {
  readonly queriesFile?: string;
}

/** Reads the queries for an index, all of which is checked. */
export async function measuredWith(file: Uint8Array, options: MeasureOptions): Promise<CompactOptions> {
  const index = await loadHere(file);
  const { dim } = index.info;
  index.dispose();
  return withQueries(dim, options);
}

/** Reads the queries for an index with rows of `dim` values. */
export async function withQueries(
  dim: number,
  { queriesFile, ...options }: MeasureOptions,
): Promise<Omit<CompactOptions, "maxBytes" | "sequence">> {
  if (queriesFile === undefined) return options;
  return { ...options, queries: (await readEvenly(queriesFile, GRIDS.full.queryCount, dim)).queries };
}
