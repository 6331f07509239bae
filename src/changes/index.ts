/**
 * Changes of a loaded index: {@link applyChanges} adds, replaces and removes classes by their labels, from values or from a
 * file of changes, which {@link encodeChanges} and {@link savedChanges} write. docs/changes.md states their cost and what stays
 * exact.
 *
 * @module
 */
export { applyChanges, checkChanges, savedChanges } from "./apply.ts";
export type { AppliedChanges, ChangeSet, CheckedChanges, CheckOptions, SequenceOption, Upserts } from "./change-set.ts";
export { DeltaFullError } from "./delta-full-error.ts";
export { type ChangesFileInfo, encodeChanges, readChanges, type SequenceRange } from "./encode-changes.ts";
export type { LoggedMetadata } from "./logged-header.ts";
export {
  decodeLoggedSet,
  encodeLoggedSet,
  type LoggedSet,
  type LoggedUpserts,
  type SetToLog,
} from "./logged-set.ts";
export { type SplitMetadata, splitMetadata } from "./split-metadata.ts";
