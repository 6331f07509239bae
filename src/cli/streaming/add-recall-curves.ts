import { checksumWith } from "../../memory/checksum.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { curvePatches, type RecallCurveOptions, recallCurves } from "../../train/recall/recall-curves.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import { singleThread, type WorkerPool } from "../../train/runtime/worker-pool.ts";
import type { QueryTools } from "../../train/stand-ins/best-rows.ts";
import { writeAll } from "../scratch/scratch-file.ts";
import { streamOf } from "./file-stream.ts";
import { readHeader } from "./read-back.ts";

/**
 * Adds recall curves to an index file with fine codes, as addRecallCurves does. The pool finds the neighbours. This thread
 * queries the index, so that the index is in memory only once.
 */
export async function addRecallCurvesToFile(
  fd: number,
  table: RowTable,
  options: RecallCurveOptions,
  pool: WorkerPool<QueryTools> | undefined,
): Promise<void> {
  const modules = await compileInlined();
  const checksum = checksumWith(instantiateQuery(modules.query));
  const { header } = readHeader(fd, checksum);
  const here = singleThread({ modules });
  const pools = { neighbours: pool ?? here, recall: here };
  const curves = await recallCurves(streamOf(fd), header.facts.metric, table, options, pools);
  for (const { position, bytes } of curvePatches(header, checksum, curves)) writeAll(fd, position, bytes);
}
