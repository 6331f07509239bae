import { open } from "node:fs/promises";
import { measure } from "../../train/evaluation/evaluate-inlined.ts";
import type { Quality } from "../../train/index.ts";
import { isMeasurable } from "../evaluating/is-measurable.ts";
import { onlyPart } from "../evaluating/table-part.ts";
import { tableWarnings } from "../evaluating/table-warnings.ts";
import { loadHere } from "../files/load-here.ts";
import type { Progress } from "../output/progress.ts";
import { streamOf } from "./file-stream.ts";

interface MeasuredFile {
  /** Absent for an index of no rows. */
  readonly quality?: Quality;
  /** The properties that make the rows hard to index. */
  readonly warnings: readonly string[];
}

/**
 * Measures the quality of an index file. The file is streamed into the memory of its instance, so it is in memory only once.
 */
export async function measureFile(path: string, queries: Float32Array, { report }: Progress): Promise<MeasuredFile> {
  const file = await open(path, "r");
  try {
    const index = await loadHere(streamOf(file.fd));
    const total = queries.length / index.info.dim;
    report({ phase: "measure", done: 0, total });
    const measured = isMeasurable(index.info, queries) && { quality: await measure(index, queries) };
    report({ phase: "measure", done: total, total });
    const warnings = await tableWarnings([onlyPart(index)]);
    index.dispose();
    return { warnings, ...measured };
  } finally {
    await file.close();
  }
}
