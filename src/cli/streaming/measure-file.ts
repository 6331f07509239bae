import { open } from "node:fs/promises";
import { load } from "../../index.ts";
import { measure } from "../../train/evaluation/evaluate-inlined.ts";
import type { Quality } from "../../train/index.ts";
import type { Progress } from "../output/progress.ts";
import { streamOf } from "./file-stream.ts";

/**
 * Measures the quality of an index file. The file is streamed into the memory of its instance, so it is in memory only once.
 */
export async function measureFile(path: string, queries: Float32Array, { report }: Progress): Promise<Quality> {
  const file = await open(path, "r");
  try {
    const index = await load(streamOf(file.fd));
    const total = queries.length / index.info.dim;
    report({ phase: "measure", done: 0, total });
    const quality = await measure(index, queries);
    report({ phase: "measure", done: total, total });
    index.dispose();
    return quality;
  } finally {
    await file.close();
  }
}
