/** Last of the intervals that start at ascending values[0], …, and end at the last value, to start at or before `target`. */
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
