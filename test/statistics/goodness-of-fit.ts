/** The quantile of the standard normal at 1 − 1e-6. */
const Z_ONE_IN_A_MILLION = 4.753424;

/** Cells with a smaller expectation are pooled: the χ² distribution of G needs counts. */
const LEAST_EXPECTED = 10;

/** From this number of degrees of freedom on, Wilson and Hilferty's lower quantile can be used. */
const LOWER_FROM = 30;

export interface Fit {
  /** The likelihood ratio statistic 2 Σ O ln(O / E). */
  readonly g: number;
  readonly degrees: number;
  /** G falls outside [low, high] with probability 1e-6 on each side. */
  readonly low: number;
  readonly high: number;
}

/**
 * The G-test of `counts` against `probabilities`, which sum to 1. A count where nothing is expected makes G infinite.
 */
export function goodnessOfFit(counts: ArrayLike<number>, probabilities: ArrayLike<number>): Fit {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  const cells = all.map((count, i) => ({ count, expected: total * (probabilities[i] as number) }));
  const kept = cells.filter(({ expected }) => expected >= LEAST_EXPECTED);
  const pool = { count: 0, expected: 0 };
  for (const cell of cells) {
    if (cell.expected >= LEAST_EXPECTED) continue;
    pool.count += cell.count;
    pool.expected += cell.expected;
  }
  const last = kept.at(-1);
  if (pool.expected >= LEAST_EXPECTED || last === undefined) kept.push(pool);
  else kept[kept.length - 1] = { count: last.count + pool.count, expected: last.expected + pool.expected };
  const g = kept.reduce(
    (sum, { count, expected }) => sum + (count > 0 ? 2 * count * Math.log(count / expected) : 0),
    0,
  );
  const impossible = cells.some(({ count, expected }) => count > 0 && expected === 0);
  return { g: impossible ? Number.POSITIVE_INFINITY : g, ...bounds(kept.length - 1) };
}

/**
 * Wilson & Hilferty (1931): the cube root of χ²/df is nearly normal with mean 1 − 2/9df and variance 2/9df. At 1e-6 the
 * upper quantile is too high below 5 degrees (27.5 instead of 23.9 at one), which only makes the test milder.
 */
function bounds(degrees: number): { degrees: number; low: number; high: number } {
  const spread = 2 / (9 * degrees);
  const quantile = (z: number): number => degrees * (1 - spread + z * Math.sqrt(spread)) ** 3;
  return {
    degrees,
    low: degrees >= LOWER_FROM ? quantile(-Z_ONE_IN_A_MILLION) : 0,
    high: degrees > 0 ? quantile(Z_ONE_IN_A_MILLION) : 0,
  };
}
