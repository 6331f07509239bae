import { exp64, log64 } from "../arithmetic/exp-log.ts";

/** Returns e^(log − top), and 0 if there is no mass at all. */
export const scaleTo = (top: number, log: number): number =>
  log === Number.NEGATIVE_INFINITY ? 0 : log === top ? 1 : exp64(log - top);

/** Returns the largest of some logarithms, −∞ of none. */
export const largestOf = (logs: readonly number[]): number =>
  logs.reduce((top, log) => Math.max(top, log), Number.NEGATIVE_INFINITY);

/** Computes log Σ e^log. −∞ if there is no mass. */
export function logSum(logs: readonly number[]): number {
  const top = largestOf(logs);
  if (!Number.isFinite(top)) return top;
  return top + log64(logs.reduce((sum, log) => sum + scaleTo(top, log), 0));
}
