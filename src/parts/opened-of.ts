import type { MultiIndex } from "../index/multi-index.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/**
 * Returns the memory of an index, where a call leaves more than it answers. It is private, because nobody else may know it.
 * Throws an Error once the index is disposed of.
 */
// biome-ignore lint/complexity/useLiteralKeys: TypeScript reads a private name in brackets alone.
export const openedOf = (index: MultiIndex): OpenedIndex => index["calls"].inUse();
