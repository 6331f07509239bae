import { PartFailure, UnknownGeneration } from "../../parts/part-failure.ts";
import { PartProblem } from "../../parts/part-problem.ts";
import type { RoutedGroup } from "../../router/routed-group.ts";

/** Waits for all parts. PartProblem for one that does not answer. `onGone` is called if a host has lost the generation. */
export async function ofAllParts<T>(
  asked: readonly Promise<T>[],
  groups: readonly RoutedGroup[],
  onGone = (): void => undefined,
): Promise<T[]> {
  const outcomes = await Promise.allSettled(asked);
  return outcomes.map((outcome, i) => {
    if (outcome.status === "fulfilled") return outcome.value;
    const { reason } = outcome;
    if (!(reason instanceof PartFailure)) throw reason;
    if (reason instanceof UnknownGeneration) onGone();
    throw new PartProblem("part_missing", `part ${groups[i]?.numbers.join()}: ${reason.message}`);
  });
}
