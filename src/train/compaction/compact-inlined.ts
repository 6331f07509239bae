import { functionOptions } from "../../checks/function-options.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { instantiateTrainKernels } from "../runtime/kernels.ts";
import { compileTrain } from "../runtime/kernels-inlined.ts";
import { onThisThread } from "../stand-ins/query-pools.ts";
import { compactWith } from "./compact.ts";
import { COMPACT_OPTIONS, type Compaction, type CompactOptions } from "./compact-options.ts";
import { measureCompacted } from "./measure-compacted.ts";
import { type Changes, type ChangesInOrder, inOrder } from "./resolved-changes.ts";

/**
 * Makes a new index file from an older one and changes. It has the classes that are left, with the codebooks of the older file.
 * Only classes with a new row, and the outliers of the older file, are coded. All rows stay as they are stored, so an exact `topK`
 * has the scores of the changed index, bit for bit. The same file and the same changes give the same bytes, however the changes
 * are split into files.
 *
 * @param file the bytes of the older index file
 * @param changes change sets, files of changes of that index or sets of its log, in their order; `savedChanges(index)` gives
 *   those of a loaded index
 * @param options what to measure, and limits
 * @returns the new file, and a report on the classes
 * @throws RangeError and TypeError that name the label, the value or the section that cannot be taken over
 * @throws FormatError for a file that is damaged or no index
 *
 * @example
 * const { file: compacted, report } = await compact(file, [savedChanges(index)]);
 * console.log(report.kept, report.added, report.removed);
 */
export async function compact(
  file: Uint8Array,
  changes: Changes | ChangesInOrder,
  options: CompactOptions = {},
): Promise<Compaction> {
  const checked = functionOptions("compact", COMPACT_OPTIONS, options);
  const train = await compileTrain();
  const kernels = instantiateTrainKernels(train);
  const compacted = await compactWith(kernels, file, inOrder(changes), checked);
  const { calibration, curves } = compacted.report;
  if (calibration === "measured" || curves === "measured") {
    const modules = await compileInlined();
    const checksum = checksumWith(instantiateQuery(modules.query));
    await measureCompacted(
      modules,
      checksum,
      compacted,
      checked,
      onThisThread(modules, instantiateTrainKernels(train)),
    );
  }
  return { file: compacted.file, report: compacted.report };
}
