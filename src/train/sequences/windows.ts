import { lengthOf, rowCount } from "../model/examples.ts";
import { spacedRows } from "../model/order.ts";
import type { Sequences } from "./sequences.ts";

/** Positions of a sequence that are learned together: each predicts the item behind it. */
export interface Window {
  /** The index among all ids of the first item that is read. */
  readonly first: number;
  /** The number of items that are read, and of those that are predicted. */
  readonly length: number;
}

/** The windows of a step, the longest first. */
export type Batch = readonly Window[];

/** The settings by which sequences are divided into windows. */
export interface WindowOptions {
  /** Windows of a step. */
  readonly batchSize: number;
  /** The most positions of a window. */
  readonly length: number;
  /** All sequences are one text, and an encoder with a state carries that of a window over to the next. */
  readonly carry: boolean;
}

/** Returns the last `length` positions of each sequence that has any. */
export function lastWindows(sequences: Sequences, length: number): Window[] {
  const windows: Window[] = [];
  for (let row = 0; row < rowCount(sequences); row++) {
    const positions = Math.min(lengthOf(sequences, row) - 1, length);
    if (positions > 0)
      windows.push({ first: (sequences.offsets[row + 1] as number) - 1 - positions, length: positions });
  }
  return windows;
}

/** Returns the number of steps of an epoch. */
export function stepsOfEpoch(sequences: Sequences, { batchSize, length, carry }: WindowOptions): number {
  if (carry) return Math.ceil(Math.ceil((sequences.ids.length - 1) / batchSize) / length);
  let windows = 0;
  for (let row = 0; row < rowCount(sequences); row++) windows += Number(lengthOf(sequences, row) > 1);
  return Math.ceil(windows / batchSize);
}

/** Divides windows, in the order of `rows`, into batches, each with the longest window first. */
export function batchesOf(windows: readonly Window[], rows: ArrayLike<number>, batchSize: number): Batch[] {
  const batches: Batch[] = [];
  for (let first = 0; first < rows.length; first += batchSize) {
    const count = Math.min(batchSize, rows.length - first);
    const batch = Array.from({ length: count }, (_, i) => windows[rows[first + i] as number] as Window);
    batches.push(batch.sort((a, b) => b.length - a.length));
  }
  return batches;
}

/**
 * Divides a text into `batchSize` streams of the same length, except the last one, and each stream into windows. Window i of a
 * batch goes on where window i of the batch before ended.
 */
export function streamBatches({ ids }: Sequences, { batchSize, length }: WindowOptions): Batch[] {
  const positions = ids.length - 1;
  const share = Math.ceil(positions / batchSize);
  const batches: Batch[] = [];
  for (let from = 0; from < share; from += length) {
    const batch: Window[] = [];
    for (let first = from; first < positions; first += share) {
      const end = Math.min(first - from + share, positions, first + length);
      if (end > first) batch.push({ first, length: end - first });
    }
    batches.push(batch);
  }
  return batches;
}

/** Returns the batches of some windows whose order does not matter, such as those of held-out sequences. */
export function spacedBatches(sequences: Sequences, options: WindowOptions, limit: number): Batch[] {
  if (!options.carry) {
    const windows = lastWindows(sequences, options.length);
    return batchesOf(windows, spacedRows(windows.length, limit), options.batchSize);
  }
  let positions = 0;
  const batches = streamBatches(sequences, { ...options, batchSize: 1 });
  return batches.filter(([window]) => {
    const isKept = positions < limit;
    positions += (window as Window).length;
    return isKept;
  });
}

/** The sizes of the largest batches. */
export interface BatchLimits {
  readonly windows: number;
  readonly positions: number;
}

export function limitsOf(batches: readonly Batch[]): BatchLimits {
  let [windows, positions] = [0, 0];
  for (const batch of batches) {
    windows = Math.max(windows, batch.length);
    positions = Math.max(positions, positionsOf(batch));
  }
  return { windows, positions };
}

/** Returns the number of positions of a batch. */
export const positionsOf = (batch: Batch): number => batch.reduce((sum, { length }) => sum + length, 0);

/** Returns the size of the largest batch of windows in any order. */
export function anyOrder(windows: readonly Window[], batchSize: number): BatchLimits {
  const longest = windows.toSorted((a, b) => b.length - a.length).slice(0, batchSize);
  return { windows: longest.length, positions: positionsOf(longest) };
}
