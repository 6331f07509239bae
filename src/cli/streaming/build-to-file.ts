import { dirname } from "node:path";
import { sha256 } from "../../bytes/sha256.ts";
import { describeFile } from "../../index/describe.ts";
import type { FileInfo } from "../../index/info.ts";
import { buildInto } from "../../train/build/build.ts";
import type { BuildReport } from "../../train/build/build-options.ts";
import type { InternalBuildOptions } from "../../train/build/build-plan.ts";
import { calibrationOptions, DEFAULT_EFFORT } from "../../train/build/calibration-options.ts";
import { recallOptions } from "../../train/build/recall-options.ts";
import type { PassTools } from "../../train/kmeans/parallel-pass.ts";
import { buildKernels } from "../../train/runtime/kernels-inlined.ts";
import { singleThread, type WorkerPool } from "../../train/runtime/worker-pool.ts";
import type { QueryTools } from "../../train/stand-ins/query-pools.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { fileTable } from "../inputs/file-table.ts";
import type { EmbeddingInput } from "../inputs/input.ts";
import { addCalibrationToFile } from "./add-calibration.ts";
import { addRecallCurvesToFile } from "./add-recall-curves.ts";
import { diskWorkspace } from "./disk-workspace.ts";
import type { MemoryShares } from "./memory-shares.ts";
import { readBack } from "./read-back.ts";

/**
 * Builds an index file from rows that are never in memory as a whole. The file equals that of `build` for the same rows,
 * options and seed, byte for byte. Scratch files are in the folder of `output`, which needs about twice the bytes of the
 * index. The file replaces an existing one after all of it has been read back, and a failure leaves the existing one.
 */
export async function buildToFile(
  input: EmbeddingInput,
  output: string,
  options: InternalBuildOptions,
  shares: MemoryShares,
  pool?: WorkerPool<PassTools & QueryTools>,
): Promise<FileInfo> {
  const { train, checksum, newInstance } = await buildKernels();
  const rows = pool ?? singleThread({ train: newInstance() });
  return replaceFileWith(output, async ({ fd }) => {
    const workspace = diskWorkspace(dirname(output), fd, shares);
    const table = fileTable(input, shares.chunkRows);
    const kept: BuildReport[] = [];
    const calibrate = shares.measuresCalibration ? (options.calibrate ?? DEFAULT_EFFORT) : "off";
    const measuresRecall = shares.measuresRecall === true;
    const build = { ...options, calibrate, measuresRecall, onReport: (made: BuildReport) => kept.push(made) };
    try {
      await buildInto(workspace, train, checksum, table, build, pool);
    } finally {
      workspace.close();
    }
    const shape = [table.itemCount, table.dim] as const;
    const recall = await addRecallCurvesToFile(fd, table, recallOptions(shape, options), rows);
    const calibration = await addCalibrationToFile(fd, table, calibrationOptions(shape, build), rows);
    for (const report of kept)
      options.onReport?.({ ...report, ...(recall && { recall }), ...(calibration && { calibration }) });
    const { header, headerBytes } = readBack(fd, train, checksum);
    return describeFile(header, await sha256(headerBytes));
  });
}
