import { sha256 } from "../../src/bytes/sha256.ts";
import type { MultiIndex } from "../../src/index.ts";
import { type Manifest, type ManifestPart, sealManifest } from "../../src/publication/manifest.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { workerBytes } from "../../worker/host/worker-bytes.ts";
import { load, openedOf } from "../library.ts";

/** Files of parts, loaded, and the manifest that names them in this order. */
export interface FilesOfParts {
  readonly manifest: Manifest;
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  readonly indexes: readonly MultiIndex[];
}

/** Makes the manifest of the files of parts. */
export async function manifestOfFiles(
  version: string,
  files: readonly Uint8Array<ArrayBuffer>[],
): Promise<FilesOfParts> {
  const parts: ManifestPart[] = [];
  const indexes: MultiIndex[] = [];
  let classes = 0;
  for (const [number, file] of files.entries()) {
    const index = await load(file, INDEX_LIMITS);
    parts.push({
      number,
      file: `part-${number}.midx`,
      sha256: await sha256(file),
      byteLength: file.byteLength,
      classes: index.info.itemCount,
      idBase: classes,
      memoryBytes: workerBytes(openedOf(index).header),
    });
    classes += index.info.itemCount;
    indexes.push(index);
  }
  const { dim, metric, hasLabels } = (indexes[0] as MultiIndex).info;
  const measured = { recallCurves: null, calibration: null, log: null };
  const manifest = await sealManifest({ version, classes, facts: { dim, metric, hasLabels }, parts, ...measured });
  return { manifest, files, indexes };
}
