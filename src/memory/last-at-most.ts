/**
 * Finds the last interval that starts at or before `target`. Interval i starts at values[i], ascending, and the last
 * value is the end of the last interval.
 */
export function lastAtMost(values: ArrayLike<number>, target: number): number {
  let low = 0;
  let high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= target) low = middle;
    else high = middle;
  }
  return low;
}
