/** Largest index whose value, of `count` ascending ones, is at most the target; -1 where none is. */
export function lastAtMost<T>(values: usize, count: i32, target: T): i32 {
  let low = -1, high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<T>(values + <usize>middle * sizeof<T>()) <= target) low = middle;
    else high = middle;
  }
  return low;
}
