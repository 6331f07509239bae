import { startNoise } from "./noise.ts";

/** The times of a call in µs. */
export interface Times {
  readonly median: number;
  readonly mean: number;
}

/**
 * Measures the times of each call over rounds × burst calls. The kinds take turns, so that changes of the machine's speed
 * affect all alike, and each round has an order of its own: a kind that always followed another with the same rows would find
 * them in the caches. `burst` calls of a kind follow one another: most then find their own data there, as in a service under
 * load. The first quarter warms up and does not count.
 */
export function callTimes(
  rounds: number,
  burst: number,
  calls: Readonly<Record<string, (round: number) => unknown>>,
): Record<string, Times> {
  const names = Object.keys(calls);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  const noise = startNoise();
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names, noise)) {
      for (let i = round * burst; i < (round + 1) * burst; i++) {
        const start = performance.now();
        calls[name]?.(i);
        times.get(name)?.push(1000 * (performance.now() - start));
      }
    }
  }
  return Object.fromEntries(
    names.map((name) => {
      const kept = (times.get(name) as number[]).slice((rounds * burst) >> 2).sort((a, b) => a - b);
      const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
      return [name, { median: Number((kept[kept.length >> 1] as number).toFixed(2)), mean: Number(mean.toFixed(2)) }];
    }),
  );
}

const shuffled = (names: readonly string[], noise: () => number): string[] =>
  names
    .map((name) => ({ name, key: noise() }))
    .sort((a, b) => a.key - b.key)
    .map(({ name }) => name);

/** Returns the median: for an even number of values, the upper of the two in the middle. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Returns the medians of callTimes. */
export function medianTimes(...args: Parameters<typeof callTimes>): Record<string, number> {
  return Object.fromEntries(Object.entries(callTimes(...args)).map(([name, { median }]) => [name, median]));
}

/**
 * Measures the CPU milliseconds of this thread for each call: the median over the turns of the mean of a turn, which makes
 * calls until `least` milliseconds have passed. The kinds take turns. The first turn warms up and does not count. Every call
 * gets its own number.
 */
export function cpuTimes<Name extends string>(
  turns: number,
  least: number,
  calls: Readonly<Record<Name, (call: number) => unknown>>,
): Record<Name, number> {
  const names = Object.keys(calls) as Name[];
  const times = new Map(names.map((name) => [name, { calls: 0, turns: [] as number[] }]));
  for (let turn = 0; turn <= turns; turn++) {
    for (const [name, kept] of times) {
      const first = kept.calls;
      const start = cpuMillis();
      let spent = 0;
      do {
        calls[name](kept.calls++);
        spent = cpuMillis() - start;
      } while (spent < least);
      if (turn > 0) kept.turns.push(spent / (kept.calls - first));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name)?.turns ?? [])])) as Record<Name, number>;
}

/** Returns the CPU milliseconds that this thread has used. */
export function cpuMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
