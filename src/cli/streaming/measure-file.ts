import { open } from "node:fs/promises";
import { load } from "../../index.ts";
import { measure } from "../../train/evaluation/evaluate-inlined.ts";
import type { Quality } from "../../train/index.ts";
import type { Progress } from "../output/progress.ts";
import { streamOf } from "./file-stream.ts";

/** How good the index in a file is: the file goes into the memory of its instance as it is read, and is there once. */
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
