import type { Batches } from "../memory/opened-index.ts";
import { blockBytes } from "./block-instance.ts";
import { BlockReader } from "./block-reader.ts";

/** Returns the functions that an index needs to answer batches together, with the batch module. */
export const batchesWith = (module: WebAssembly.Module | undefined): Batches | undefined =>
  module && { bytes: blockBytes, over: (opened) => new BlockReader(module, opened) };
