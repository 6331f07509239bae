/**
 * Returns the largest index i with values[i] <= target, or -1 if there is none. O(log count).
 *
 * `values` holds `count` values of type T in ascending order.
 *
 * The loop does not branch on loaded values: half of such branches would be mispredicted, and without them the cache
 * misses of several searches overlap.
 */
export function lastAtMost<T>(values: usize, count: i32, target: T): i32 {
  let last = -1;
  for (let left = count; left > 0; ) { // the answer is one of last .. last + left
    const half = (left + 1) >> 1;
    last += half & -i32(load<T>(values + <usize>(last + half) * sizeof<T>()) <= target);
    left -= half;
  }
  return last;
}
