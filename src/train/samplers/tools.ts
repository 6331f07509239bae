import type { Checksum } from "../../bytes/sealed-header.ts";
import type { Modules } from "../../memory/kernels.ts";
import { PURPOSE, uniforms } from "../random/uniforms.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** The tools of one sampler. It has the instance and its memory for itself. */
export interface SamplerTools {
  readonly train: TrainKernels;
  /** Another instance of those kernels, for tables that stay while `train` does other work. */
  newInstance(): TrainKernels;
  /** XXH64. */
  readonly checksum: Checksum;
  /** The modules of an index in memory, which are compiled only for a sampler that has one. */
  modules(): Promise<Modules>;
}

/**
 * Uniform numbers in [0, 1) for the draws of one query, by index: functions of seed and query, so that a batch gives what
 * its queries give one by one, and different queries share none.
 */
export function drawUniforms(checksum: Checksum, query: Float32Array, seed: bigint): (index: number) => number {
  const hash = checksum(bytesOf(query), 0n);
  return uniforms({
    seed,
    purpose: PURPOSE.draw,
    codebook: Number(hash & 0xffffffffn),
    restart: Number(hash >> 32n),
  });
}
