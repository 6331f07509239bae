import { compact } from "../../train/compaction/compact-inlined.ts";
import type { CompactionReport } from "../../train/compaction/compact-options.ts";
import { readChangesFiles } from "../files/changes-files.ts";
import { asIndex } from "../files/foreign-files.ts";
import { loadHere } from "../files/load-here.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { type MeasureOptions, measuredWith } from "./measure-options.ts";

/** Compacts an index file and files of changes into another file, which replaces the output only after it was read back. */
export async function compactFile(
  file: string,
  changes: readonly string[],
  output: string,
  options: MeasureOptions,
): Promise<CompactionReport & { readonly contentId: string }> {
  const sets = (await readChangesFiles(changes)).map((each) => each.bytes);
  const { bytes, measured } = await asIndex(file, async () => {
    const read = await readIndexFile(file);
    return { bytes: read, measured: await measuredWith(read, options) };
  });
  const compaction = await compact(bytes, sets, measured);
  const index = await loadHere(compaction.file);
  const { contentId } = index.info;
  index.dispose();
  await replaceFile(output, compaction.file);
  return { ...compaction.report, contentId };
}
