import { exp64, log64 } from "../../arithmetic/exp-log.ts";
import { logSumExp } from "../arithmetic/logarithms.ts";
import { type Arena, startArena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/**
 * Returns log Σ_r e^(logs[r][j] + logShares[r]) for each j: the log-probability of a draw under a mixture, of its
 * log-probabilities under the components and the logs of their shares.
 */
export type LogMixture = (logs: readonly Float64Array[], logShares: readonly number[]) => Float64Array;

/** The mixture in plain JavaScript, with the bits of the kernel. */
export const mixLogs: LogMixture = (logs, logShares) => {
  const terms = new Float64Array(logs.length);
  return Float64Array.from(logs[0] ?? [], (_, j) => {
    for (const [r, log] of logs.entries()) terms[r] = (log[j] as number) + (logShares[r] as number);
    return terms.some((term) => term > Number.NEGATIVE_INFINITY)
      ? logSumExp({ exp64, log64 }, terms)
      : Number.NEGATIVE_INFINITY;
  });
};

/** Draws of a pass. */
const BLOCK = 1024;

/** Plans mixtures of at most `most` components, which a kernel computes in the memory of its instance. */
export function planLogMixture(
  kernels: Pick<TrainKernels, "memory" | "heapBase" | "mixLogs">,
  most: number,
  arena: Arena = startArena(kernels),
): LogMixture {
  const [terms, shares, out] = [arena.take(most * BLOCK * 8), arena.take(most * 8), arena.take(BLOCK * 8)];
  return (logs, logShares) => {
    const mixed = new Float64Array(logs[0]?.length ?? 0);
    arena.f64(shares, logShares.length).set(logShares);
    for (let first = 0; first < mixed.length; first += BLOCK) {
      const count = Math.min(BLOCK, mixed.length - first);
      const values = arena.f64(terms, logs.length * count);
      for (const [r, log] of logs.entries()) values.set(log.subarray(first, first + count), r * count);
      kernels.mixLogs(terms, shares, logs.length, count, out);
      mixed.set(arena.f64(out, count), first);
    }
    return mixed;
  };
}
