import { placeTensors } from "../../format/header.ts";
import { MAX_OUTLIERS } from "../../format/outliers.ts";
import { HEAP_BASE } from "../../memory/isolate-bytes.ts";
import { DEFAULT_LIMITS } from "../../memory/load-options.ts";
import { type Limits, planMemory } from "../../memory/plan.ts";
import { GRIDS } from "../../train/calibration/grid.ts";
import { outlierLimit } from "../../train/codes/outliers.ts";
import { STAND_INS } from "../../train/recall/asked-queries.ts";
import { MOST_RESCORED } from "../../train/recall/recall-settings.ts";
import { searchBytes } from "../../train/stand-ins/block-search.ts";
import { COVARIANCE_ROWS } from "../../train/stand-ins/discriminants.ts";
import { SAMPLE_ROWS } from "../../train/stand-ins/entropy-sample.ts";
import { queryCount } from "../arguments/held-out.ts";
import type { BuildSize } from "./build-size.ts";

/** The memory of lists of neighbours and of answers. */
export const GARBAGE_BYTES = 16 * 2 ** 20;

/** Returns the memory to measure the recall of an index of this size. Infinity if the index is too large to be opened. */
export function recallBytes(size: BuildSize): number {
  return (
    loadedBytes(size, MOST_RESCORED) + standInBytes(size, STAND_INS) + searchBytes(STAND_INS, size.dim) + GARBAGE_BYTES
  );
}

/** Returns the memory to make stand-ins: f64 sums at first, and scores with a sample of the classes. */
export const standInBytes = ({ itemCount, dim }: Pick<BuildSize, "itemCount" | "dim">, count: number): number =>
  count * (Math.min(SAMPLE_ROWS, itemCount) + 3 * dim) * 4;

/** A sample of rows, f32, and the same less their mean, f64. */
const COVARIANCE_BYTES_PER_VALUE = 4 + 8;

/** Returns the memory to calibrate the error bars of an index of this size. Infinity if it is too large to be opened. */
export function calibrationBytes(size: BuildSize): number {
  if (size.calibrate === "off") return 0;
  const { queryCount, standIns, discriminants } = GRIDS[size.calibrate];
  return (
    loadedBytes(size, DEFAULT_LIMITS.maxScan) +
    standInBytes(size, standIns + discriminants) +
    COVARIANCE_BYTES_PER_VALUE * COVARIANCE_ROWS * size.dim +
    searchBytes(queryCount, size.dim) +
    GARBAGE_BYTES
  );
}

/** The memory of a class while a query is measured: an id, a score and log Q, and the same amount of garbage. */
const BYTES_PER_CLASS = 2 * (4 + 4 + 8);

/** Returns the memory to compare the index with the softmax over all classes. Infinity if it is too large to be opened. */
export function qualityBytes(size: BuildSize): number {
  const { itemCount, dim } = size;
  const queries = queryCount(itemCount) * dim * 4;
  return loadedBytes(size, DEFAULT_LIMITS.maxScan) + itemCount * BYTES_PER_CLASS + queries + GARBAGE_BYTES;
}

/** Returns the memory of the finished index. Infinity if it is too large to be opened with the default limits. */
function loadedBytes(size: BuildSize, maxScan: number): number {
  const { memoryBytes } = largestIndex(size, { ...DEFAULT_LIMITS, maxScan });
  return memoryBytes > DEFAULT_LIMITS.maxBytes ? Number.POSITIVE_INFINITY : memoryBytes;
}

/** Returns the sizes of the finished index, with the largest values for facts that only the build will know. */
export function largestIndex(
  size: BuildSize,
  limits: Omit<Limits, "maxBytes">,
  largestBucket = size.itemCount,
): { readonly fileBytes: number; readonly memoryBytes: number } {
  const { itemCount, dim, bits, quantizer, rows, hasBias, hasFineCodes, hasResiduals, labelBytes, features } = size;
  const facts = {
    itemCount,
    dim,
    bits,
    quantizer,
    rows,
    hasBias,
    hasFineCodes,
    hasLabels: labelBytes !== undefined,
    labelBytes: labelBytes ?? 0,
    ...(features && { features }),
    metric: "cosine" as const,
    seed: 2n ** 64n - 1n,
    source: "0".repeat(16),
    builder: "",
    bucketCount: Math.min(itemCount, 4 ** bits),
    largestBucket,
    outliers: { count: outlierLimit(itemCount, MAX_OUTLIERS) },
    dispersion: {},
    ...(hasResiduals && { residuals: {} }),
  };
  const { fileBytes } = placeTensors(facts);
  const unlimited = { ...limits, maxBytes: Number.POSITIVE_INFINITY };
  return { fileBytes, memoryBytes: planMemory({ facts, fileBytes }, unlimited, HEAP_BASE).totalBytes };
}
