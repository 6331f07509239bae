import { totalmem } from "node:os";
import type { LoadOptions } from "../../index.ts";
import { withIndex } from "../files/index-file.ts";
import { type Io, printLines } from "../process/io.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import { shownPath } from "../remote/address.ts";
import { remoteFiles } from "../remote/remote-files.ts";
import type { AskedIndex } from "./asked-index.ts";
import { openParts } from "./parts-of-manifest.ts";

/** Runs `action` with the index of a file, or with all parts of a manifest as one, and then frees their memory. */
export async function withAsked<T>(
  path: string,
  limits: LoadOptions,
  io: Io,
  action: (index: AskedIndex) => T | Promise<T>,
): Promise<T> {
  const openRemote = remoteFiles(io, {});
  const manifest = await readManifestFile(path, openRemote);
  if (manifest === undefined) return withIndex(path, limits, action);
  const { index, dispose } = await openParts(filesOf(path, manifest, openRemote), shownPath(path), limits, totalmem());
  const { parts } = manifest;
  printLines(io.stderr, [
    `note: ${parts.length} parts in ${(index.info.memoryBytes / 2 ** 20).toFixed(1)} MiB of memory`,
  ]);
  try {
    return await action(index);
  } finally {
    dispose();
  }
}
