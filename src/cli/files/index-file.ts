import type { LoadOptions, MultiIndex } from "../../index.ts";
import { asIndex } from "./foreign-files.ts";
import { loadHere } from "./load-here.ts";
import { readIndexFile } from "./stated-bytes.ts";

/** Runs `action` with the index of a file, and then disposes of it. Errors of loading name the file. */
export async function withIndex<T>(
  path: string,
  limits: LoadOptions,
  action: (index: MultiIndex) => T | Promise<T>,
): Promise<T> {
  const index = await asIndex(path, async () => loadHere(await readIndexFile(path), limits));
  try {
    return await action(index);
  } finally {
    index.dispose();
  }
}
