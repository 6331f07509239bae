import { beforeAll, describe, expect, test } from "vitest";
import { buildCalibrated, load } from "../../bench/library.ts";
import { type Asked, askedOf } from "../../bench/trust/asked.ts";
import { type Cell, type Effort, measureCell, TEMPERATURES } from "../../bench/trust/grid.ts";
import { defaultCell, judge, pooledCoverage } from "../../bench/trust/judge.ts";
import type { BuildResult, HeadResult } from "../../bench/trust/result.ts";
import { clusteredHead, gaussianHead, type Sizes } from "../../bench/trust/synthetic.ts";
import type { TrustHead } from "../../bench/trust/trust-head.ts";
import { likeliestShareOf, storedClasses } from "../../bench/trust/truth.ts";
import { LARGE } from "../run/size.ts";

// bench/trust.ts in small: heads that are built from rows and biases alone keep the promises of docs/trust.md. Seeds are
// fixed, so nothing here depends on chance. `npm run test:statistics` asks larger heads more.

/** More than four default heads of classes, from where on scan "auto" takes a head where that meets the target. */
const SIZES: Sizes = LARGE
  ? { itemCount: 20_000, dim: 32, queryCount: 500, seed: 11 }
  : { itemCount: 4500, dim: 32, queryCount: 55, seed: 11 };
const LIKELIEST = 1024;

const withoutBias = ({ bias: _, ...head }: TrustHead): TrustHead => head;
const HEADS = {
  "peaked with bias": clusteredHead(SIZES),
  "clustered without bias": withoutBias(clusteredHead({ ...SIZES, seed: 12 })),
  diffuse: gaussianHead({ ...SIZES, dim: 12, seed: 13 }),
} as const satisfies Record<string, TrustHead>;
/**
 * The largest shares of answers by a head of 1,024 classes that may be flagged, by temperature. Measured were 31 % on the
 * diffuse head at T = 0.3, 2 % at 0.5, 0.7 % of the clustered one at 0.3, and none elsewhere. Second tries leave none.
 */
const FLAGGED: Readonly<Record<keyof typeof HEADS, readonly number[]>> = {
  "peaked with bias": [0.01, 0.01, 0.01, 0.01],
  "clustered without bias": [0.02, 0.01, 0.01, 0.01],
  diffuse: [0.45, 0.04, 0.01, 0.01],
};
const names = Object.keys(HEADS) as (keyof typeof HEADS)[];

const EFFORTS = TEMPERATURES.flatMap((temperature): Effort[] => [
  ...(LARGE ? [0, 256, 1024, 4096, "default" as const] : [0, 256, 1024, "default" as const]).flatMap((scan) =>
    (LARGE ? [50, 100, 1000] : [100]).map((draws) => ({ temperature, scan, draws })),
  ),
  ...(LARGE ? [0.1, 0.05, 0.02, 0.01] : [0.05]).map((targetError) => {
    return { temperature, scan: "auto", draws: 100, targetError } as const;
  }),
]);

const heads = new Map<string, HeadResult>();

beforeAll(async () => {
  for (const name of names) heads.set(name, await measureHead(name));
});

async function measureHead(name: keyof typeof HEADS): Promise<HeadResult> {
  const head: TrustHead = HEADS[name];
  const { itemCount, dim, data, bias, queries } = head;
  const queryCount = queries.length / dim;
  let asked: readonly Asked[] = [];
  const builds: BuildResult[] = [];
  for (const hasFineCodes of [false, true]) {
    const options = { fineCodes: hasFineCodes, ...(bias && { bias }) };
    const index = await load(await buildCalibrated({ data, shape: [itemCount, dim] }, options));
    // Fine codes leave the rows as they are, and so the truth.
    if (asked.length === 0) asked = askedOf(storedClasses(index, bias), queries, TEMPERATURES, LIKELIEST);
    const cells = EFFORTS.map((effort) => measureCell(index, asked, effort, [1]));
    index.dispose();
    const notMeasured = { buildSeconds: 0, bounds: { checked: 0, wrong: 0, worst: 0 }, recall: [] };
    builds.push({ isInformed: false, hasFineCodes, cells, ...notMeasured });
  }
  const likeliestShare = likeliestShareOf(asked.map(({ truth }) => truth));
  return { name, itemCount, dim, hasBias: bias !== undefined, hasCounts: false, queryCount, likeliestShare, builds };
}

const headOf = (name: string): HeadResult => heads.get(name) as HeadResult;

/** The share of the cells that may break a promise in the large form. */
const BROKEN: Readonly<Record<string, number>> = {
  "in every cell, ± 1.96 bars cover in 94 % or more": 0,
  "no trusted answer at T ≥ 1 is off by more than 4 bars": 0,
  // Of 6,700 such answers with fine codes, two are off by .001 to .0014, five deviations. The small form asks too few to meet one.
  "answers with a bar of at most .0005 are off by less than .001": 0.02,
  "built plainly, peaked layers: at most 7 % flagged by default": 0,
  "the bar of every answer is at most targetError": 0,
};

test.each(Object.entries(BROKEN))("%s", (promise, share) => {
  const verdict = judge([...heads.values()]).find((one) => one.promise.startsWith(promise));
  expect(verdict?.cases).toBeGreaterThan(10);
  expect(verdict?.broken, verdict?.worst).toBeLessThanOrEqual(LARGE ? share * (verdict?.cases as number) : 0);
});

describe.each(names)("%s", (name) => {
  test("95 % intervals cover log Z in 93 to 99.9 % of the trusted answers", () => {
    const cells = headOf(name).builds.flatMap((build) => [...build.cells]);
    expect(cells.reduce((sum, { sampled }) => sum + sampled, 0)).toBeGreaterThan(6 * SIZES.queryCount);
    expect(pooledCoverage(cells)).toBeGreaterThanOrEqual(0.93);
    expect(pooledCoverage(cells)).toBeLessThanOrEqual(0.999);
  });

  test.skipIf(LARGE)("few answers by one head are flagged, and none of the default call", () => {
    for (const build of headOf(name).builds) {
      for (const [i, temperature] of TEMPERATURES.entries()) {
        const byOneHead = build.cells.find((cell) => cell.temperature === temperature && cell.scan === 1024) as Cell;
        expect(byOneHead.flagged / byOneHead.answers, `T ${temperature}`).toBeLessThanOrEqual(
          FLAGGED[name][i] as number,
        );
        expect(defaultCell(build, temperature)?.flagged).toBe(0);
      }
    }
  });
});
