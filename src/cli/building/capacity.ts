import { DEFAULT_LIMITS } from "../../memory/load-options.ts";
import { defaultBits } from "../../train/kmeans/quantizer-options.ts";
import { largestIndex } from "../streaming/recall-shares.ts";
import type { BuildArguments } from "./options.ts";

/** The facts that the memory of an index depends on, besides its rows. */
export interface IndexShape {
  readonly dim: number;
  readonly rowType: "i8" | "f16" | "f32";
  readonly quantizer: "rq" | "pq";
  /** Default: by the number of rows. */
  readonly bits?: number | undefined;
  readonly hasBias: boolean;
  readonly fineCodes: boolean;
  readonly residuals: boolean;
}

export function shapeOf(dim: number, options: BuildArguments): IndexShape {
  const { rowType = "i8", quantizer = "rq", bits, bias, fineCodes = false, residuals = false } = options;
  return { dim, rowType, quantizer, bits, hasBias: bias !== undefined, fineCodes, residuals };
}

/**
 * Returns the bounds of the memory of a loaded index of this many rows without labels. They differ because the largest bucket
 * is not known before the build.
 */
export function memoryBounds(
  rows: number,
  shape: IndexShape,
  limits = DEFAULT_LIMITS,
): { readonly least: number; readonly most: number } {
  const { dim, rowType, quantizer, bits = defaultBits(rows), hasBias, fineCodes, residuals } = shape;
  const size = {
    itemCount: rows,
    dim,
    bits,
    quantizer,
    rows: rowType,
    hasBias,
    hasFineCodes: fineCodes,
    hasResiduals: residuals,
    hasCounts: false,
    labelBytes: undefined,
    calibrate: "off" as const,
    threads: 1,
    inputBytes: 0,
  };
  return {
    least: largestIndex(size, limits, Math.ceil(rows / 4 ** bits)).memoryBytes,
    most: largestIndex(size, limits).memoryBytes,
  };
}

/** Returns the most rows of an index that surely has at most `bytes` of memory. */
export function mostRows(bytes: number, shape: IndexShape, limits = DEFAULT_LIMITS): number {
  let [low, high] = [0, 2 ** 31 - 1];
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (memoryBounds(middle, shape, limits).most <= bytes) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A part that midx chooses takes half of what `load` allows by default, so a process can hold two generations of it. */
export const CHOSEN_PART_BYTES = DEFAULT_LIMITS.maxBytes / 2;
