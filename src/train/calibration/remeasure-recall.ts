import type { IndexFacts } from "../../format/facts.ts";
import { type IndexHeader, parse } from "../../format/header.ts";
import { curvesToValues } from "../../format/recall-curve.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import { askedByUsers } from "../recall/asked-queries.ts";
import { measureRecalls } from "../recall/recall-measurement.ts";
import { curvesOf } from "../recall/recall-points.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { WorkerPool } from "../runtime/worker-pool.ts";
import type { QueryTools } from "../stand-ins/query-pools.ts";
import { rewriteIndex } from "./rewrite-index.ts";

/** Returns whether an index has recall curves that can be measured. */
export const measuresRecall = ({ facts: { hasFineCodes, itemCount } }: IndexHeader): boolean =>
  hasFineCodes && itemCount > 0;

/**
 * Measures the recall curves of an index again, on queries of users, and returns the file with them. The stored rows are
 * enough for that. The facts about the rows that it was built from stay.
 */
export async function remeasureRecall(
  modules: Modules,
  pool: WorkerPool<QueryTools>,
  file: Uint8Array<ArrayBuffer>,
  queries: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const checksum = checksumWith(instantiateQuery(modules.query));
  const header = parse(file, file.byteLength, checksum);
  const { tally } = await measureRecalls(
    pool,
    { file, asked: askedByUsers(queries) },
    header.facts,
    startYielding(signal),
  );
  const { report, compaction } = header.facts;
  const facts: IndexFacts = {
    ...header.facts,
    report: { ...report, recallQueries: "queries" },
    ...(compaction && { compaction: { ...compaction, curves: "measured" } }),
  };
  const recallCurves = new Uint8Array(curvesToValues(curvesOf(tally, "queries")).buffer);
  return rewriteIndex(file, header, facts, { recallCurves }, checksum);
}
