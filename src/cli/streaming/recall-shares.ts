import { placeTensors } from "../../format.ts";
import { DEFAULT_LIMITS } from "../../load-options.ts";
import { planMemory } from "../../plan.ts";
import { ROW_QUERIES } from "../../train/calibrate.ts";
import { MOST_RESCORED } from "../../train/recall-trials.ts";
import { NEIGHBOUR_ROWS } from "../../train/true-neighbours.ts";
import type { BuildSize } from "./memory-shares.ts";

/** Above the constants of the modules. */
const HEAP_BASE = 4096;
/** Lists of neighbours and answers. */
const GARBAGE_BYTES = 16 * 2 ** 20;

/**
 * Memory that it takes to measure the recall of an index of this size: what the build is yet to find out taken as large as
 * it can be. Infinity where no index so large is opened.
 */
export function recallBytes(size: BuildSize): number {
  const { itemCount, dim, bits, quantizer, rows, hasBias, labelBytes, features } = size;
  const facts = {
    ...{ itemCount, dim, bits, quantizer, rows, hasBias, hasFineCodes: true },
    ...{ hasLabels: labelBytes !== undefined, labelBytes: labelBytes ?? 0 },
    ...(features && { features }),
    ...{ metric: "cosine" as const, seed: 2n ** 64n - 1n, source: "0".repeat(16), builder: "" },
    bucketCount: Math.min(itemCount, 4 ** bits),
    largestBucket: itemCount,
  };
  const limits = { ...DEFAULT_LIMITS, maxBytes: Number.POSITIVE_INFINITY, maxScan: MOST_RESCORED };
  const { totalBytes } = planMemory({ facts, fileBytes: placeTensors(facts).fileBytes }, limits, HEAP_BASE);
  if (totalBytes > DEFAULT_LIMITS.maxBytes) return Number.POSITIVE_INFINITY;
  return totalBytes + (ROW_QUERIES + NEIGHBOUR_ROWS) * dim * 4 + GARBAGE_BYTES;
}
