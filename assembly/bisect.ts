/**
 * Largest index whose value, of `count` ascending ones, is at most the target; -1 where none is.
 * No branch on what is loaded: half of them would be mispredicted, and the misses of several searches overlap.
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
