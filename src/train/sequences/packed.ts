import type { Sequences } from "./sequences.ts";
import type { Batch } from "./windows.ts";

/**
 * The positions of a batch in two orders. In the order of steps, all windows have their first position before any has its
 * second, so that a step computes consecutive rows; windows that have ended are left out, and nothing is padded. In the
 * order of windows, the positions of a window are consecutive.
 */
export interface Packed {
  /** The number of windows at each step. It never grows. */
  readonly counts: Int32Array;
  /** The items that are read, in the order of steps. */
  readonly inputs: Int32Array;
  /** The items that are predicted, in the order of windows. */
  readonly targets: Int32Array;
  /** The place in the order of steps of each position in the order of windows. */
  readonly byWindow: Int32Array;
  /** The place in the order of windows of each position in the order of steps. */
  readonly byStep: Int32Array;
}

export function pack({ ids }: Sequences, batch: Batch): Packed {
  const counts = new Int32Array(batch[0]?.length ?? 0);
  for (const { length } of batch) for (let t = 0; t < length; t++) counts[t] = (counts[t] as number) + 1;
  const positions = counts.reduce((sum, count) => sum + count, 0);
  const packed = {
    counts,
    inputs: new Int32Array(positions),
    targets: new Int32Array(positions),
    byWindow: new Int32Array(positions),
    byStep: new Int32Array(positions),
  };
  const starts = new Int32Array(counts.length);
  for (let t = 1; t < counts.length; t++) starts[t] = (starts[t - 1] as number) + (counts[t - 1] as number);
  let at = 0;
  for (const [w, { first, length }] of batch.entries()) {
    for (let t = 0; t < length; t++, at++) {
      const step = (starts[t] as number) + w;
      packed.inputs[step] = ids[first + t] as number;
      packed.targets[at] = ids[first + t + 1] as number;
      packed.byWindow[at] = step;
      packed.byStep[step] = at;
    }
  }
  return packed;
}
