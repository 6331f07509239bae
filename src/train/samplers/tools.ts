import type { Checksum } from "../../bytes/sealed-header.ts";
import type { Modules } from "../../memory/kernels.ts";
import { PURPOSE, type Stream, uniforms } from "../random/uniforms.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** The tools of one sampler, which shares the instance and its memory with nothing else. */
export interface SamplerTools {
  readonly train: TrainKernels;
  /** Makes another instance of the kernels, for tables that stay in memory while `train` does other work. */
  newInstance(): TrainKernels;
  /** XXH64. */
  readonly checksum: Checksum;
  /** Compiles the modules of the library, for a sampler that keeps an index in memory. */
  modules(): Promise<Modules>;
}

/**
 * Returns the uniform numbers in [0, 1) for the draws of one query, by index. They depend on seed and query only, so a
 * query has the same draws in every batch and different queries have different random numbers.
 */
export function drawUniforms(
  checksum: Checksum,
  query: Float32Array,
  seed: bigint,
  purpose: Stream["purpose"] = PURPOSE.draw,
): (index: number) => number {
  const hash = checksum(bytesOf(query), 0n);
  return uniforms({
    seed,
    purpose,
    codebook: Number(hash & 0xffffffffn),
    restart: Number(hash >> 32n),
  });
}
