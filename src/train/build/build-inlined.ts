import { functionOptions } from "../../checks/function-options.ts";
import { openEncoder } from "../../encoder/open-inlined.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { addCalibration } from "../calibration/add-calibration.ts";
import { drawnBy } from "../calibration/drawn-queries.ts";
import type { PassTools } from "../kmeans/parallel-pass.ts";
import { addRecallCurves } from "../recall/recall-curves.ts";
import { checkMatrix, checkQueries, checkVector, type Matrix } from "../rows/matrix.ts";
import { type RowTable, tableOf } from "../rows/row-table.ts";
import { memoryWorkspace } from "../rows/workspace.ts";
import { buildKernels } from "../runtime/kernels-inlined.ts";
import type { BuildPool } from "../runtime/worker-pool.ts";
import { onThisThread, type QueryTools } from "../stand-ins/query-pools.ts";
import { buildInto } from "./build.ts";
import { BUILD_OPTIONS, type BuildOptions, type BuildReport } from "./build-options.ts";
import { calibrationOptions, DEFAULT_EFFORT } from "./calibration-options.ts";
import { recallOptions } from "./recall-options.ts";

/**
 * Builds an index file from the rows of a softmax layer or an embedding table: an inverted multi-index with two codebooks
 * (Babenko & Lempitsky 2012; docs/method.md, section 1). The same input, options and seed give the same bytes in every
 * runtime. The build yields to the event loop between blocks of work, about every 20 ms.
 *
 * @param embeddings N rows of D values: f32, row-major. Each value is finite and of magnitude at most 2³². The build reads them,
 * and the arrays of the options, until it ends, and does not copy them: do not change or transfer them before.
 * @param options The shape of the index, what it contains, and hooks.
 * @returns The bytes of the index file, which `load` takes.
 * @throws TypeError or RangeError that names the argument and, for a wrong value, the row. FormatError for a damaged file
 * in `warmFrom`. The reason of `signal` once it is aborted.
 *
 * @example
 * const data = Float32Array.from({ length: 1000 * 8 }, (_, i) => Math.sin(i * i)); // 1,000 rows of 8 values
 * const file = await build({ data, shape: [1000, 8] }, { rowType: "i8", seed: 1 });
 * const index = await load(file);
 * console.log(index.topK(data.subarray(0, 8), 3).ids);
 * index.dispose();
 */
export async function build(embeddings: Matrix, options: BuildOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const given = functionOptions("build", BUILD_OPTIONS, options);
  checkMatrix(embeddings);
  return buildOnPool(undefined, tableOf(embeddings), given);
}

/** Builds as `build` does, from a table that may be in a file, and on a pool. Default: on this thread. */
export async function buildOnPool(
  pool: BuildPool<PassTools & QueryTools> | undefined,
  table: RowTable,
  given: BuildOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const shape = [table.itemCount, table.dim] as const;
  const options = { ...given, ...roundedVectors(given, table.itemCount) };
  checkQueries(options.queries, table.dim);
  const { train, checksum, newInstance } = await buildKernels();
  const kept: BuildReport[] = [];
  const build = {
    ...options,
    calibrate: options.calibrate ?? DEFAULT_EFFORT,
    measuresRecall: true,
    onReport: (made: BuildReport) => kept.push(made),
  };
  const workspace = memoryWorkspace(pool?.floats);
  await buildInto(workspace, train, checksum, table, build, pool);
  const file = workspace.file();
  const modules = await compileInlined();
  const pools = pool ? { rows: pool, index: pool } : onThisThread(modules, newInstance());
  const recall = await addRecallCurves(modules, file, table, recallOptions(shape, options), pools);
  const calibration = await addCalibration(
    modules,
    file,
    table,
    calibrationOptions(shape, options, drawnBy(openEncoder)),
    pools,
  );
  for (const report of kept)
    options.onReport?.({ ...report, ...(recall && { recall }), ...(calibration && { calibration }) });
  return file;
}

/** Checks biases and counts, and rounds them to f32 once: what measures the index must see the same numbers as what builds it. */
function roundedVectors(
  { bias, counts }: BuildOptions,
  itemCount: number,
): { readonly bias?: Float32Array; readonly counts?: Float32Array } {
  const biases = checkVector("bias", bias, itemCount, Number.NEGATIVE_INFINITY);
  const frequencies = checkVector("counts", counts, itemCount, 0);
  return { ...(biases && { bias: biases }), ...(frequencies && { counts: frequencies }) };
}
