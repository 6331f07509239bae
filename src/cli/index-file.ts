import { readFile } from "node:fs/promises";
import { load } from "../index.ts";
import type { MultiIndex } from "../multi-index.ts";
import { naming } from "./inputs/file.ts";

/** Loads and validates an index file; errors name it. */
export const loadIndex = (path: string): Promise<MultiIndex> => naming(path, async () => load(await readFile(path)));

/** Runs `action` with the index of a file and gives its memory back. */
export async function withIndex<T>(path: string, action: (index: MultiIndex) => T | Promise<T>): Promise<T> {
  const index = await loadIndex(path);
  try {
    return await action(index);
  } finally {
    index.dispose();
  }
}
