import { checkCount } from "../../checks/check.ts";

/** Checks for an integer in [low, high]. */
export function checkRange(name: string, value: number, low: number, high: number): number {
  checkCount(name, value, high, "the limit");
  if (value < low) throw new RangeError(`"${name}" expected ${low} or more, got ${value}`);
  return value;
}
