import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/** Just below the logarithm of the largest f64, so that its exponential is finite. */
const LARGEST_LOG = 709;

/** Computes log (S_T / Z_H) of the proposal or envelope in place. −Infinity without a tail, Infinity without a head. */
export function logTailOverHead(opened: OpenedIndex): number {
  const { kernels, conditions } = opened;
  const total = read(opened, structs.SEARCH_TAIL_TOTAL);
  const head = read(opened, structs.SEARCH_HEAD_SUM);
  if (total === 0) return Number.NEGATIVE_INFINITY;
  if (head === 0) return Number.POSITIVE_INFINITY;
  const shift = read(opened, structs.SEARCH_HEAD_MAX) * conditions.inverseTemperature;
  return read(opened, structs.SEARCH_MASS_SHIFT) + kernels.log64(total) - (shift + kernels.log64(head));
}

/** Computes e^log, and a large number for Infinity. */
export const expOf = ({ kernels }: OpenedIndex, log: number): number => kernels.exp64(Math.min(log, LARGEST_LOG));

/** Computes S_T / S', in [0, 1]. */
export function tailShare(opened: OpenedIndex): number {
  const ratio = expOf(opened, logTailOverHead(opened));
  return ratio / (1 + ratio);
}

/** Computes log S_T. −Infinity without a tail. */
export function logTailMass(opened: OpenedIndex): number {
  const total = read(opened, structs.SEARCH_TAIL_TOTAL);
  if (total === 0) return Number.NEGATIVE_INFINITY;
  return read(opened, structs.SEARCH_MASS_SHIFT) + opened.kernels.log64(total);
}
