import { type IndexSource, type LoadOptions, load, type MultiIndex } from "../../index.ts";

/** Loads an index into this process, which takes all the memory that two versions need. */
export const loadInProcess = (source: IndexSource, options: LoadOptions): Promise<MultiIndex> =>
  load(source, { ...options, maxBytes: Number.MAX_SAFE_INTEGER });
