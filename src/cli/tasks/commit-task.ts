import { sha256 } from "../../bytes/sha256.ts";
import { sealManifest, serialiseManifest } from "../../publication/manifest.ts";
import { MANIFEST_NAME } from "../files/file-kind.ts";
import type { Measured } from "./measure-task.ts";
import { manifestOf, removeReplaced } from "./named-parts.ts";
import { neededRecord, type TaskRecord } from "./task-folder.ts";
import type { TaskRun } from "./task-run.ts";

export interface Committed {
  readonly version: string;
  readonly generation: string;
  readonly classes: number;
  readonly parts: number;
  /** The properties that make the rows of the table hard to index or to store. */
  readonly warnings: readonly string[];
}

/**
 * Writes the manifest, which replaces an older one in one step. The parts that only the older one named are removed after
 * it. A file that no manifest named stays, and so does one that another manifest beside it names. The record of the measurement
 * is there only with all parts, since a build of another plan may have removed them after it (task-folder.ts).
 */
export async function runCommit({ tasks }: TaskRun): Promise<Pick<TaskRecord<Committed>, "files" | "result">> {
  const { files } = tasks;
  const { result: measured } = await neededRecord<Measured>(tasks, { name: "measure" });
  const manifest = await sealManifest(measured.manifest);
  const older = await files.read(MANIFEST_NAME);
  const before = older && (await manifestOf(older.bytes, MANIFEST_NAME));
  const bytes = new TextEncoder().encode(serialiseManifest(manifest));
  if (!(await files.replace(MANIFEST_NAME, bytes, older))) {
    const place = files.shown(MANIFEST_NAME);
    throw new Error(`another build has written ${place} in the meantime: run the task commit again to replace it`);
  }
  await removeReplaced(files, before, manifest);
  const { version, generation, classes, parts } = manifest;
  return {
    files: [{ file: MANIFEST_NAME, sha256: await sha256(bytes), byteLength: bytes.byteLength }],
    result: { version, generation, classes, parts: parts.length, warnings: measured.warnings },
  };
}
