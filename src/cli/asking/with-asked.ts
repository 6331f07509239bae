import { totalmem } from "node:os";
import type { LoadOptions, MultiIndex } from "../../index.ts";
import { type ChangesFile, readChangesFiles } from "../files/changes-files.ts";
import { withIndex } from "../files/index-file.ts";
import { type Io, printLines } from "../process/io.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import { shownPath } from "../remote/address.ts";
import { remoteFiles } from "../remote/remote-files.ts";
import { applyFiles, roomFor } from "./apply-files.ts";
import type { AskedIndex } from "./asked-index.ts";
import { type OpenedParts, openParts } from "./parts-of-manifest.ts";

/** Options of load, and files of changes to apply, in their order. */
export interface AskedOptions extends LoadOptions {
  readonly changes?: readonly string[] | undefined;
}

/** The actions of a command on the index of a file, and on the parts of a manifest. */
interface Actions<T> {
  ofIndex(index: MultiIndex, applied: readonly ChangesFile[]): T | Promise<T>;
  ofParts(parts: OpenedParts, applied: readonly ChangesFile[]): T | Promise<T>;
}

/** Runs `action` with the index of a file, or with all parts of a manifest as one, and then frees their memory. */
export const withAsked = <T>(
  path: string,
  options: AskedOptions,
  io: Io,
  action: (index: AskedIndex) => T | Promise<T>,
): Promise<T> => withOpened(path, options, io, { ofIndex: action, ofParts: ({ index }) => action(index) });

/** Runs the action for what a path names, the index of a file or all parts of a manifest, and then frees their memory. */
export async function withOpened<T>(
  path: string,
  { changes, ...limits }: AskedOptions,
  io: Io,
  { ofIndex, ofParts }: Actions<T>,
): Promise<T> {
  const openRemote = remoteFiles(io, {});
  const manifest = await readManifestFile(path, openRemote);
  if (manifest === undefined) return withIndexAndChanges(path, limits, changes, ofIndex);
  const files = await readChangesFiles(changes ?? []);
  const withRoom = files.length === 0 ? limits : { ...limits, maxDelta: roomFor(files) };
  const ofManifest = filesOf(path, manifest, openRemote);
  const parts = await openParts(ofManifest, shownPath(path), withRoom, files, totalmem());
  printLines(io.stderr, [
    `note: ${manifest.parts.length} parts in ${(parts.index.info.memoryBytes / 2 ** 20).toFixed(1)} MiB of memory`,
  ]);
  try {
    return await ofParts(parts, files);
  } finally {
    parts.dispose();
  }
}

/** Runs `action` with an index and the changes of files, in their order. */
async function withIndexAndChanges<T>(
  path: string,
  limits: LoadOptions,
  changes: readonly string[] = [],
  action: (index: MultiIndex, applied: readonly ChangesFile[]) => T | Promise<T>,
): Promise<T> {
  const files = await readChangesFiles(changes);
  if (files.length === 0) return withIndex(path, limits, (index) => action(index, files));
  return withIndex(path, { ...limits, maxDelta: roomFor(files) }, async (index) => {
    await applyFiles(index, files);
    return action(index, files);
  });
}
