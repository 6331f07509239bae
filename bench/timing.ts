/**
 * Median µs of each call over rounds × burst calls. The kinds take turns, so that a change of the machine's speed meets
 * all alike, `burst` calls of a kind in a row: each then finds its own data in the caches, as in a service that is asked.
 * The first quarter warms up and is left out.
 */
export function medianTimes(
  rounds: number,
  burst: number,
  calls: Readonly<Record<string, (round: number) => unknown>>,
): Record<string, number> {
  const names = Object.keys(calls);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      for (let i = round * burst; i < (round + 1) * burst; i++) {
        const start = performance.now();
        calls[name]?.(i);
        times.get(name)?.push(1000 * (performance.now() - start));
      }
    }
  }
  const median = (values: number[]): number =>
    values.slice(rounds >> 2).sort((a, b) => a - b)[(rounds * 3) >> 3] as number;
  return Object.fromEntries(names.map((name) => [name, Number(median(times.get(name) as number[]).toFixed(2))]));
}
