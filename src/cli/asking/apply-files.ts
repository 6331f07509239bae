import { applyChanges } from "../../changes/index.ts";
import type { MultiIndex } from "../../index.ts";
import type { PartedIndex } from "../../parts/parted-index.ts";
import type { ChangesFile } from "../files/changes-files.ts";
import { naming } from "../files/input-file.ts";

/** Returns the room that an index, or each of several parts, needs for files of changes. */
export const roomFor = (files: readonly ChangesFile[]): number =>
  // A label that was added and then removed also takes a place.
  files.reduce((room, { info }) => room + info.upserts.length + info.removals.length, 1);

/** Applies files of changes in their order. Errors name the file. */
export async function applyFiles(index: MultiIndex | PartedIndex, files: readonly ChangesFile[]): Promise<void> {
  for (const { path, bytes } of files) await naming(path, async () => applyChanges(index, bytes));
}
