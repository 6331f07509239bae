import type { Interruptible } from "../runtime/event-loop.ts";
import { placeTables } from "./codeword-tables.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";

/** The softmax mass of each codeword for the queries of a group. The masses of each codebook are f32 (K, width). */
export interface CodewordMasses {
  readonly masses1: Float32Array;
  readonly masses2: Float32Array;
}

/** Takes O(N · dim) per query. The masses depend on the codes of the classes and not on the values of the codewords. */
export function* codewordMasses(
  tools: FitTools,
  buckets: ResidentBuckets,
  group: QueryGroup,
): Interruptible<CodewordMasses> {
  const { kernels } = tools;
  const { width, queries, logPartitions } = group;
  const arena = tools.arena.nest();
  const length = width << buckets.bits;
  const logPartitionsPtr = arena.take(width * 4);
  const masses1Ptr = arena.take(length * 4);
  const masses2Ptr = arena.take(length * 4);
  arena.f32(logPartitionsPtr, width).set(logPartitions);
  arena.f32(masses1Ptr, length).fill(0);
  arena.f32(masses2Ptr, length).fill(0);
  const tablesPtr = placeTables(arena, masses1Ptr, masses2Ptr, width);
  for (const { address } of logitBlocks({ ...tools, arena }, queries, width)) {
    kernels.addCodewordMasses(address, buckets.address, logPartitionsPtr, tablesPtr);
    yield;
  }
  return { masses1: arena.f32(masses1Ptr, length).slice(), masses2: arena.f32(masses2Ptr, length).slice() };
}
