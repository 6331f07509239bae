import { type IndexSource, type LoadOptions, load, type MultiIndex } from "../../index.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";

/** Loads an index in all the memory that WebAssembly has, if it needs it. By default, `load` gives a process half of that. */
export const loadHere = (source: IndexSource, limits: LoadOptions = {}): Promise<MultiIndex> =>
  load(source, { maxBytes: ADDRESSABLE_BYTES, ...limits });
