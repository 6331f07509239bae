import { PANEL_WIDTH } from "../../abi.ts";
import type { Interruptible } from "../runtime/event-loop.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { FitTools } from "./resident-classes.ts";

/** Queries that kernels process together, each as a column. A group is also one step of Adam. */
const GROUP_QUERIES = 64;

/** A group of queries, padded with zeros to `width`, a multiple of 8. */
export interface QueryGroup {
  /** f32 (width, dim). */
  readonly queries: Float32Array;
  readonly count: number;
  readonly width: number;
  /** log Z of each query. It is +∞ for the padding, so that every class has probability 0 there. */
  readonly logPartitions: Float64Array;
}

/** Splits queries, f32 (n, dim), into groups of `size` and computes log Z of each. Takes O(N · dim) per query. */
export function* groupQueries(
  tools: FitTools,
  queries: Float32Array,
  size: number = GROUP_QUERIES,
): Interruptible<QueryGroup[]> {
  const { dim } = tools.classes;
  const queryCount = queries.length / dim;
  const groups: QueryGroup[] = [];
  for (let first = 0; first < queryCount; first += size) {
    const count = Math.min(size, queryCount - first);
    const width = Math.ceil(count / PANEL_WIDTH) * PANEL_WIDTH;
    const padded = new Float32Array(width * dim);
    padded.set(queries.subarray(first * dim, (first + count) * dim));
    const logPartitions = yield* partitionsOf(tools, padded, width);
    groups.push({ queries: padded, count, width, logPartitions: logPartitions.fill(Number.POSITIVE_INFINITY, count) });
  }
  return groups;
}

function* partitionsOf(tools: FitTools, queries: Float32Array, width: number): Interruptible<Float64Array> {
  const { kernels } = tools;
  const arena = tools.arena.nest();
  const maximaPtr = arena.take(width * 4);
  const sumsPtr = arena.take(width * 8);
  arena.f32(maximaPtr, width).fill(Number.NEGATIVE_INFINITY);
  arena.f64(sumsPtr, width).fill(0);
  for (const { count, logitsPtr } of logitBlocks({ ...tools, arena }, queries, width)) {
    kernels.addPartitions(logitsPtr, count, width, maximaPtr, sumsPtr);
    yield;
  }
  const maxima = arena.f32(maximaPtr, width);
  return arena.f64(sumsPtr, width).map((sum, q) => (maxima[q] as number) + kernels.log64(sum));
}
