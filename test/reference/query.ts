import { codebookDims } from "../../src/format/tensors.ts";
import { xxh64 } from "./checksum.ts";
import { roundToEven } from "./numbers.ts";
import type { ReferenceIndex } from "./reference-index.ts";

/** A query in all the forms that kernels use. */
export interface PreparedQuery {
  /** XXH64 of the query's f32 bits, before any scaling. */
  readonly queryHash: bigint;
  /** (D): the query, scaled to unit length for cosine. */
  readonly query: Float32Array;
  /** The part of the query that each codebook sees: all of it (RQ), or its first ⌈D/2⌉ values and the rest (PQ). */
  readonly subQuery1: Float32Array;
  readonly subQuery2: Float32Array;
  /** (D): z̃, the integers nearest to z / queryStep, ties to even. */
  readonly fixedQuery: Int16Array;
  /** The value of one unit of z̃; 0 for a query of zeros. */
  readonly queryStep: number;
  /** ‖z‖². */
  readonly querySquare: number;
}

const VALUE_LIMIT = 2 ** 15 - 1;
/** Σ|z̃| · 127 must be below 2^31. */
const SUM_LIMIT = Math.floor((2 ** 31 - 1) / 127);

/**
 * Prepares a query (D): hash, unit length, parts and fixed-point form. Sums are in f64, from left to right. The step is
 * the smallest that keeps every |z̃| at most 32,767 and Σ|z̃| · 127 below 2^31, where each z̃ counts half a unit more.
 */
export function prepareQuery(index: ReferenceIndex, raw: Float32Array): PreparedQuery {
  const { facts } = index;
  const query = facts.metric === "cosine" ? normalise(raw) : raw;
  const [dim1, dim2] = codebookDims(facts);
  const scale = fixedScale(query);
  return {
    queryHash: xxh64(new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength), 0n),
    query,
    subQuery1: query.subarray(0, dim1),
    subQuery2: query.subarray(query.length - dim2),
    fixedQuery: Int16Array.from(query, (value) => roundToEven(value * scale)),
    queryStep: scale > 0 ? 1 / scale : 0,
    querySquare: query.reduce((total, value) => total + value * value, 0),
  };
}

/** The factor that takes values to 16-bit fixed point; 0 if all values are 0. */
export function fixedScale(values: ArrayLike<number>): number {
  const magnitudes = Array.from(values, Math.abs);
  const largest = Math.max(...magnitudes);
  const sum = magnitudes.reduce((total, magnitude) => total + magnitude, 0);
  return largest > 0 ? Math.min(VALUE_LIMIT / largest, (SUM_LIMIT - magnitudes.length) / sum) : 0;
}

/** Returns f32(value · (1 / norm)) for each value, with the norm in f64. Zeros stay zeros. */
function normalise(values: Float32Array): Float32Array {
  const square = values.reduce((sum, value) => sum + value * value, 0);
  return square === 0 ? values : values.map((value) => value * (1 / Math.sqrt(square)));
}
