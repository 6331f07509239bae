import * as structs from "../../build/structs.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";

/** The penalties for classes that a history has, and the values with which they change nothing. */
export interface Penalties {
  readonly repetition: number;
  readonly presence: number;
  readonly frequency: number;
}

export const NO_PENALTIES: Penalties = { repetition: 1, presence: 0, frequency: 0 };

/** Classes whose logits a call changes. The filter leaves them out of the index, and searches score them apart. */
export interface ChangedLogits {
  /** Distinct. */
  readonly ids: Int32Array;
  /** The numbers that are added to the logits of the classes. */
  readonly biases: Float32Array;
  /** The number of times that the history has each class. */
  readonly counts: Int32Array;
  readonly penalties: Penalties;
}

/** Puts the changed logits of a call in place, and returns the number of classes. */
export function placeChanges(
  { kernels, plan }: { readonly kernels: Pick<Kernels, "memory">; readonly plan: MemoryPlan },
  changed: ChangedLogits | undefined,
): number {
  const { buffer } = kernels.memory;
  const { regions } = plan;
  const count = changed?.ids.length ?? 0;
  new DataView(buffer, plan.layout).setUint32(structs.LAYOUT_CHANGED_COUNT, count, true);
  if (changed === undefined) return count;
  const { repetition, presence, frequency } = changed.penalties;
  new Int32Array(buffer, regions.changedIds, count).set(changed.ids);
  new Float32Array(buffer, regions.changedBiases, count).set(changed.biases);
  new Int32Array(buffer, regions.changedCounts, count).set(changed.counts);
  new Float64Array(buffer, regions.penalties, 3).set([repetition, presence, frequency]);
  return count;
}
