import type { InternalBuildOptions } from "../src/train/build/build-plan.ts";
import type { Matrix } from "../src/train/rows/matrix.ts";
import { buildIndex } from "./build-index.ts";
import { readRaw, writeRaw } from "./index-file.ts";

const SECTION = "dispersion/1/refuse";

/** Builds an index without outliers and tilts: its proposal is that of the quantised logits alone. */
export async function buildUntilted(
  matrix: Matrix,
  options: InternalBuildOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return withoutDispersions(await buildIndex(matrix, { ...options, mostOutliers: 0 }));
}

/** Takes the section of dispersions, whose tensors are the last, out of a file. */
function withoutDispersions(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const raw = readRaw(file);
  const tensors = Object.entries(raw.tensors).filter(([name]) => !name.startsWith("dispersion."));
  const metadata = Object.entries(raw.metadata).filter(([name]) => !name.startsWith("checksum.dispersion."));
  const sections = raw.metadata.sections?.split(" ").filter((section) => section !== SECTION) ?? [];
  return writeRaw({
    ...raw,
    metadata: { ...Object.fromEntries(metadata), sections: sections.join(" ") },
    tensors: Object.fromEntries(tensors),
    data: raw.data.slice(0, Math.max(...tensors.map(([, { data_offsets }]) => data_offsets[1]))),
  });
}
