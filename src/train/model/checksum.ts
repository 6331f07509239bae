import type { Checksum } from "../../bytes/sealed-header.ts";
import { type Arena, startArena } from "../runtime/arena.ts";
import { startChecksum } from "../runtime/running-checksum.ts";
import type { ModelKernels } from "./kernels.ts";

/** XXH64, computed by an instance. It overwrites the bytes of `arena`. Default: all memory above `heapBase()`. */
export const checksumBy =
  (kernels: ModelKernels, arena: Arena = startArena(kernels)): Checksum =>
  (bytes, seed) => {
    const running = startChecksum(kernels, seed, arena.nest());
    running.add(bytes);
    return running.value();
  };
