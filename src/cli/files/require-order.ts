import { readFile } from "node:fs/promises";
import { areChanges } from "../../changes/changes-file.ts";
import { readChanges } from "../../changes/index.ts";
import { naming } from "./input-file.ts";

/**
 * Refuses a file of changes that would be skipped: two files that were written for the same state of an index have the same
 * number. Other files than those of changes are left to whoever reads them.
 */
export async function requireOrder(paths: readonly string[]): Promise<void> {
  let before: { readonly path: string; readonly sequence: number } | undefined;
  for (const path of paths) {
    before = await naming(path, async () => {
      const bytes = new Uint8Array(await readFile(path));
      if (!areChanges(bytes)) return before;
      const { sequence } = readChanges(bytes);
      if (!before || sequence > before.sequence) return { path, sequence };
      throw new RangeError(
        `expected changes behind ${before.sequence}, since ${before.path} has those up to there, got changes up to ` +
          `${sequence}, which would be skipped: write them with --after ${before.sequence}, or leave the file out`,
      );
    });
  }
}
