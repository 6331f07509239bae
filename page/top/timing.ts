/** The duration of a group of calls. A browser's clock may tick in steps of 100 µs, so single calls can't be timed. */
const GROUP_MILLISECONDS = 2;
const ROUNDS = 24;
/** The number of rounds in which the engine still optimises the code. */
const WARM_UP = 9;

/**
 * Measures the time of each of these calls in this browser, in microseconds: the median of groups of calls. The calls take
 * turns, and it yields to the event loop in between, so that the page stays responsive. Returns undefined as soon as
 * `isWanted` returns false.
 */
export async function medianMicroseconds(
  calls: readonly (() => void)[],
  isWanted: () => boolean,
): Promise<number[] | undefined> {
  const times: number[][] = calls.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, call] of calls.entries()) {
      const milliseconds = groupMilliseconds(call);
      if (round >= WARM_UP) times[i]?.push(milliseconds);
    }
    await new Promise((resolve) => setTimeout(resolve));
    if (!isWanted()) return undefined;
  }
  return times.map((group) => 1000 * (group.sort((a, b) => a - b)[group.length >> 1] as number));
}

/** Returns the mean time of a call in a group. */
function groupMilliseconds(call: () => void): number {
  const start = performance.now();
  let [calls, elapsed] = [0, 0];
  while (elapsed < GROUP_MILLISECONDS) {
    call();
    calls++;
    elapsed = performance.now() - start;
  }
  return elapsed / calls;
}
