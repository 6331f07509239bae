import { describe, expect, test } from "vitest";
import type { LogPartitionAnswer } from "../../src/answers/answers.ts";
import type { LogPartitionOptions } from "../../src/answers/options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { indexFile, type TinySpec, tinyIndex } from "../fixtures/tiny-index.ts";
import { LARGE } from "../run/size.ts";
import { logPartitionInFloat64, widestExact, withRowsReturned } from "../statistics/float64-partition.ts";
import { randomRows } from "../train/rows.ts";

// lower and upper are certain: they contain log Z in float64, of the rows as stored and the query as given, whatever the
// row type, temperature, filter and proposal.

const N = 150;
const DIM = 18;
const QUERIES = LARGE ? 240 : 48;
const TEMPERATURES = [0.1, 0.3, 1, 3];
/** The least and the largest that a call may have. */
const EXTREMES = [2 ** -20, 2 ** 20];

const wideBias = randomRows(N, 1).map((value) => 30 * value);
const VARIANTS: Record<string, Partial<TinySpec>> = {
  plain: {},
  "biases of ±30, outliers, fine codes": { bias: wideBias, outliers: [4, 5, 77], fineCodes: true, dispersion: true },
  "pq, fine codes": { quantizer: "pq", fineCodes: true },
  cosine: { metric: "cosine", scale: 4, bias: wideBias, fineCodes: true },
  "rows of 2^12": { scale: 2 ** 12 },
};
const CASES = (["f32", "f16", "i8"] as const).flatMap((rows) =>
  Object.entries(VARIANTS).map(([name, variant], i): [string, TinySpec] => [
    `${rows}, ${name}`,
    { itemCount: N, dim: DIM, bits: 3, rows, seed: 60 + i, ...variant },
  ]),
);

/** Queries of all sizes. In every third one value stands out, so that a step of its fixed point is coarse for the rest. */
function queriesFor(dim: number, seed: number): Float32Array[] {
  const sizes = [1, 0.2, 6, 40, 1e-3, 1e4, 1e-30, 2 ** 36, 0];
  return Array.from({ length: QUERIES }, (_, i) => {
    const size = i < QUERIES / 2 ? (sizes[i % 4] as number) : (sizes[i % sizes.length] as number);
    const query = randomRows(dim, seed + i).map((value) => value * size);
    if (i % 3 === 0) query[i % dim] = 100 * size;
    return query;
  });
}

/** Calls whose brackets are made in different ways: of head and tail, by codes, of all rows. */
const waysFor = ({ fineCodes }: Pick<TinySpec, "fineCodes">): LogPartitionOptions[] => [
  { exact: true },
  { scan: N },
  { scan: 20 },
  { scan: 0, draws: 3 },
  { scan: "auto" },
  { scan: 4, tolerance: 0.01 },
  { scan: 30, tolerance: 2 },
  ...(fineCodes
    ? ([
        { proposal: "codes", scan: 10 },
        { proposal: "codes", scan: N },
      ] as const)
    : []),
];

const third = (id: number): boolean => id % 3 === 0;
const even = (id: number): boolean => id % 2 === 0;
const ids = (of: (id: number) => boolean): Int32Array => Int32Array.from({ length: N }, (_, id) => id).filter(of);
const FILTERS: { readonly filter: LogPartitionOptions; readonly takesPart: (id: number) => boolean }[] = [
  { filter: {}, takesPart: () => true },
  { filter: { exclude: ids(third) }, takesPart: (id) => !third(id) },
  { filter: { allow: ids(even), exclude: ids(third) }, takesPart: (id) => even(id) && !third(id) },
];

describe("the bracket of log Z contains it in float64", () => {
  test.each(CASES)("%s", async (_, spec) => {
    const file = indexFile(tinyIndex(spec));
    const { index } = await open(file);
    const stored = storedIndex(file);
    const returned = withRowsReturned(stored);
    const ways = waysFor(spec);
    const misses: unknown[] = [];
    for (const [i, query] of queriesFor(DIM, 1000).entries()) {
      const temperature = [...TEMPERATURES, ...EXTREMES][i % 6] as number;
      const { filter, takesPart } = FILTERS[Math.floor(i / 6) % 3] as (typeof FILTERS)[number];
      const logZ = logPartitionInFloat64(stored, query, temperature, takesPart);
      const logZReturned = logPartitionInFloat64(returned, query, temperature, takesPart);
      for (const way of ways) {
        const answer = index.logPartition(query, { ...way, ...filter, temperature, seed: i });
        // Nothing was drawn that could be doubted, wherever rounding puts the estimate.
        if (way.scan === N && !way.proposal) expect(answer.lowEss).toBe(false);
        const classes = ids(takesPart).length;
        if (isRight(answer, logZ, way, classes) && isRight(answer, logZReturned, way, classes)) continue;
        misses.push({ i, temperature, ...way, logZ, lower: answer.lower, upper: answer.upper });
      }
    }
    expect(misses).toEqual([]);
  });

  test.each(["f32", "f16", "i8"] as const)("and is narrow if all rows were scored: %s", async (rowType) => {
    const [itemCount, dim] = [2500, 64];
    const data = randomRows(itemCount * dim, 3);
    const bias = randomRows(itemCount, 4);
    const file = await buildIndex({ data, shape: [itemCount, dim] }, { rowType, bias, bits: 4 });
    const { index } = await open(file);
    const stored = storedIndex(file);
    for (const [i, query] of queriesFor(dim, 2000).slice(0, 40).entries()) {
      const temperature = TEMPERATURES[i % 4] as number;
      const answer = index.logPartition(query, { exact: true, temperature });
      expect(isRight(answer, logPartitionInFloat64(stored, query, temperature), {}, 0)).toBe(true);
      expect(answer.logPartition).toBe(index.predict(query, 0, { exact: true, temperature }).logPartition);
      expect(answer.upper - answer.lower).toBeLessThan(widestExact(stored, query, temperature));
    }
  });
});

/** Whether log Z and the answer lie in the bracket, and a tolerance is met unless all rows were scored. */
function isRight(
  { logPartition, lower, upper, scored }: LogPartitionAnswer,
  logZ: number,
  { tolerance = Number.POSITIVE_INFINITY }: LogPartitionOptions,
  classes: number,
): boolean {
  const isInside = lower <= logZ && logZ <= upper && lower <= logPartition && logPartition <= upper;
  return isInside && (upper - lower <= tolerance || scored >= classes);
}
