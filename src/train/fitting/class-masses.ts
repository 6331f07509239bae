import type { Interruptible } from "../runtime/event-loop.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { FitTools } from "./resident-classes.ts";

/** Computes the mean softmax mass of each class over the queries. Takes O(N · dim) per query. */
export function* meanMasses(tools: FitTools, groups: readonly QueryGroup[]): Interruptible<Float64Array> {
  const { kernels, classes } = tools;
  const arena = tools.arena.nest();
  const massesPtr = arena.take(classes.itemCount * 8);
  arena.f64(massesPtr, classes.itemCount).fill(0);
  let queryCount = 0;
  for (const { queries, count, width, logPartitions } of groups) {
    const nested = arena.nest();
    const logPartitionsPtr = nested.take(width * 4);
    nested.f32(logPartitionsPtr, width).set(logPartitions);
    for (const block of logitBlocks({ ...tools, arena: nested }, queries, width)) {
      kernels.addClassMasses(block.logitsPtr, block.count, width, logPartitionsPtr, massesPtr + block.first * 8);
      yield;
    }
    queryCount += count;
  }
  return arena.f64(massesPtr, classes.itemCount).map((mass) => mass / queryCount);
}
