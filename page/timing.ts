/** A browser's clock may tick in steps of 100 µs: calls are timed in groups that take a good many of them. */
const GROUP_MILLISECONDS = 2;
const GROUPS = 11;

/** Microseconds of a call in this browser: the median of groups of calls, after as many to warm up. */
export function medianMicroseconds(call: () => void): number {
  let size = 1;
  while (size < 1024 && groupMilliseconds(call, size) < GROUP_MILLISECONDS) size *= 2;
  const times = Array.from({ length: GROUPS }, () => groupMilliseconds(call, size) / size);
  return 1000 * (times.sort((a, b) => a - b)[GROUPS >> 1] as number);
}

function groupMilliseconds(call: () => void, size: number): number {
  const start = performance.now();
  for (let i = 0; i < size; i++) call();
  return performance.now() - start;
}
