import type { BuildSize } from "../streaming/build-size.ts";
import { checkSampleMemory, type MemoryShares, shareMemory } from "../streaming/memory-shares.ts";
import type { BuildPlan } from "./plan.ts";

/** A limit beyond the memory of any machine. */
const UNLIMITED = 2 ** 30;
/** Memory for sorting rows beyond the least that works, so that a part is sorted in few passes. */
const SORT_MIB = 64;

/**
 * Shares out the memory of one part: the need of its measurements, or the `limit` of the plan. Whether it is measured does not
 * depend on the number of threads, since all workers must write the same bytes. So threads may take their own memory beyond the
 * limit while a part is measured.
 */
export function sharesOfPart(size: BuildSize, limit: number | undefined): MemoryShares {
  const { calibrationLimit } = shareMemory(size, UNLIMITED);
  if (limit === undefined && !Number.isFinite(calibrationLimit)) {
    throw new RangeError(
      `"parts" expected parts that can be opened, got ${size.itemCount} rows a part: make more parts`,
    );
  }
  const shares = shareMemory(size, limit ?? calibrationLimit + SORT_MIB);
  if (limit === undefined) return shares;
  const { measuresCalibration, measuresRecall } = shareMemory({ ...size, threads: 1 }, limit);
  return { ...shares, measuresCalibration: measuresCalibration === true, measuresRecall: measuresRecall === true };
}

/**
 * Checks that the limit of the plan, if there is one, is enough for the tasks that draw the training sample and train on it.
 *
 * @throws RangeError if it is not
 */
export function checkSampleShares(
  { input, settings, itemCount, dim }: Pick<BuildPlan, "input" | "settings" | "itemCount" | "dim">,
  threads: number,
): void {
  const { maxMemory, bits, fineCodes: hasFineCodes } = settings;
  if (maxMemory === undefined) return;
  const weighed = { hasBias: input.bias !== undefined, hasCounts: input.counts !== undefined };
  checkSampleMemory({ itemCount, dim, bits, hasFineCodes, ...weighed, threads }, maxMemory);
}
