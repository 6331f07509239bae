/** A browser's clock may tick in steps of 100 µs: calls are timed in groups that take a good many of them. */
const GROUP_MILLISECONDS = 2;
const ROUNDS = 24;
/** Rounds before the engine has made its best code. */
const WARM_UP = 9;

/**
 * Microseconds of each of these calls in this browser: the medians of groups, timed in turn with pauses in between, so that
 * the page stays quick. Undefined as soon as `isWanted` says no.
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

/** The time of one call, from as many as fill a group. */
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
