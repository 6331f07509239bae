import { type ChangesFileInfo, readChanges } from "../../changes/index.ts";
import { asChanges } from "./foreign-files.ts";
import { naming } from "./input-file.ts";
import { readIndexFile } from "./stated-bytes.ts";

/** A file of changes, all of which was checked. */
export interface ChangesFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly info: ChangesFileInfo;
}

/**
 * Reads files of changes, each once. A file that would be skipped is refused: two files that were written for the same state of an
 * index have the same number.
 */
export async function readChangesFiles(paths: readonly string[]): Promise<ChangesFile[]> {
  const files: ChangesFile[] = [];
  for (const path of paths) {
    const file = await asChanges(path, async () => {
      const bytes = await readIndexFile(path);
      return { path, bytes, info: readChanges(bytes) };
    });
    await naming(path, async () => checkOrder(file, files.at(-1)));
    files.push(file);
  }
  return files;
}

function checkOrder({ info: { sequence } }: ChangesFile, before: ChangesFile | undefined): void {
  if (!before || sequence > before.info.sequence) return;
  const { path, info } = before;
  throw new RangeError(
    `expected changes behind ${info.sequence}, since ${path} has those up to there, got changes up to ${sequence}, which would ` +
      `be skipped: write them with --after ${info.sequence}, or leave the file out`,
  );
}
