import { bandIn, realStatistics } from "../../src/internal.ts";
import type { BuildStatistics, ServedIndex } from "../host/served-index.ts";

/** Returns the statistics of the build's real queries, of parts or of a file in memory. Undefined if there are none. */
export function buildStatistics(index: Pick<ServedIndex, "statistics">): BuildStatistics | undefined {
  if (index.statistics) return index.statistics;
  const values = realStatistics(index, "values");
  if (!values) return undefined;
  const classes = new Uint8Array(realStatistics(index, "bands") ?? []);
  return { values: new Float32Array(values), bandOf: (id) => bandIn(classes, id) };
}
