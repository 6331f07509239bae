import { checksumWith } from "../../memory/checksum.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import {
  curvePatches,
  hasRoom,
  type RecallCurveOptions,
  type RecallReport,
  recallOfBuild,
} from "../../train/recall/recall-curves.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import { singleThread } from "../../train/runtime/worker-pool.ts";
import type { RowPool } from "../../train/stand-ins/query-pools.ts";
import { writeAll } from "../scratch/scratch-file.ts";
import { streamOf } from "./file-stream.ts";
import { readHeader } from "./read-back.ts";

/**
 * Adds recall curves to an index file that has room for them, as addRecallCurves does. The pool searches the rows. This
 * thread queries the index, so that the index is in memory only once.
 */
export async function addRecallCurvesToFile(
  fd: number,
  table: RowTable,
  options: RecallCurveOptions,
  rows: RowPool,
): Promise<RecallReport | undefined> {
  const modules = await compileInlined();
  const checksum = checksumWith(instantiateQuery(modules.query));
  const { header } = readHeader(fd, checksum);
  if (!hasRoom(header.facts)) return undefined;
  const pools = { rows, index: singleThread({ modules }) };
  const build = { file: streamOf(fd), facts: header.facts, table };
  const { curves, report } = await recallOfBuild(modules, build, options, pools);
  for (const { position, bytes } of curvePatches(header, checksum, curves, report)) writeAll(fd, position, bytes);
  return report;
}
