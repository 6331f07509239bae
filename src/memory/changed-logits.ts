import * as structs from "../../build/structs.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";

/** The numbers that say how a logit changes, in `changes`. */
export const CHANGE_NUMBERS = 3;

/** Classes whose logits a call changes. The filter leaves them out of the index, and searches score them apart. */
export interface ChangedLogits {
  /** Ascending and distinct. */
  readonly ids: Int32Array;
  /**
   * For each class, what is added to its logit, the repetition penalty, and what is then subtracted
   * (assembly/changed.ts).
   */
  readonly changes: Float64Array;
}

/** Puts the changed logits of a call in place, and returns the number of classes. */
export function placeChanges(
  { kernels, plan }: { readonly kernels: Pick<Kernels, "memory">; readonly plan: MemoryPlan },
  changed: ChangedLogits | undefined,
): number {
  const { buffer } = kernels.memory;
  const count = changed?.ids.length ?? 0;
  new DataView(buffer, plan.layout).setUint32(structs.LAYOUT_CHANGED_COUNT, count, true);
  if (changed === undefined) return count;
  new Int32Array(buffer, plan.regions.changedIds, count).set(changed.ids);
  new Float64Array(buffer, plan.regions.changes, CHANGE_NUMBERS * count).set(changed.changes);
  return count;
}
