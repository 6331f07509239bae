import { at } from "./at.ts";

// Each function returns the index of the first value that is not allowed, or −1.

/** The first value outside [low, high]. NaN is outside. */
export const firstOutsideF32 = (values: Float32Array, low: number, high: number): number =>
  values.findIndex((value) => !(value >= low && value <= high));

/** The first binary16, given as bits, that is infinite or NaN. */
export const firstNonFiniteF16 = (halves: Uint16Array): number =>
  halves.findIndex((half) => ((half >> 10) & 31) === 31);

/** First row with a byte other than 0 behind its first usedBytes. */
export function firstUnpadded(rows: Uint8Array, count: number, rowBytes: number, usedBytes: number): number {
  for (let row = 0; row < count; row++) {
    if (rows.subarray(row * rowBytes + usedBytes, (row + 1) * rowBytes).some((byte) => byte !== 0)) return row;
  }
  return -1;
}

/** The first i where values[i] is outside [0, limit) or not greater than values[i − 1]. */
export const firstUnordered = (values: Int32Array, limit: number): number =>
  values.findIndex((value, i) => value < 0 || value >= limit || (i > 0 && value <= at(values, i - 1)));

/**
 * Inverts ids, so that positions[ids[p]] = p. `offender` is the first p whose id is outside [0, N) or appeared before.
 */
export function invertIds(ids: Int32Array): { offender: number; positions: Int32Array } {
  const positions = new Int32Array(ids.length).fill(-1);
  for (const [position, id] of ids.entries()) {
    if (positions[id] !== -1) return { offender: position, positions };
    positions[id] = position;
  }
  return { offender: -1, positions };
}
