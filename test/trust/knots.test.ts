import { describe, expect, test } from "vitest";
import { haveData } from "../../bench/data.ts";
import { buildMeasured, load } from "../../bench/library.ts";
import { askedOf } from "../../bench/trust/asked.ts";
import { type Cell, measureCell } from "../../bench/trust/grid.ts";
import { sourceOf } from "../../bench/trust/heads.ts";
import { judge, pooledCoverage } from "../../bench/trust/judge.ts";
import { storedClasses } from "../../bench/trust/truth.ts";
import { LARGE } from "../run/size.ts";

// Weights at a temperature between two knots lie on the chord between them (docs/method.md, 2), so that a proposal there has
// a little too much mass in some buckets. Intervals must cover as they do at the knots, of which the grid of bench/trust.ts
// has three of four. Seeds are fixed, so nothing here depends on chance.

/** None of them is a knot: their inverses are 2.38, 1.67, 1.41, 1.2, .84 and .59. */
const TEMPERATURES = [0.42, 0.6, 0.71, 0.83, 1.19, 1.7];
const SCANS = [0, 1024];

const HEADS = [
  { name: "next words", queryCount: LARGE ? 600 : 60, isHere: () => true },
  { name: "100k tokens", queryCount: 400, isHere: () => LARGE && haveData("linux-tokens-1m") },
] as const;

/** Asks the index of a head, built from rows and biases alone, with both sizes of the head at all temperatures. */
async function measureHead(name: (typeof HEADS)[number]["name"], queryCount: number): Promise<Cell[]> {
  const { data, itemCount, dim, bias, queries } = await sourceOf(name).load();
  const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { ...(bias && { bias }) }));
  const classes = storedClasses(index, bias);
  const asked = askedOf(classes, queries.subarray(0, queryCount * dim), TEMPERATURES, 1);
  const cells = TEMPERATURES.flatMap((temperature) =>
    SCANS.map((scan) => measureCell(index, asked, { temperature, scan, draws: 100 }, [1])),
  );
  index.dispose();
  return cells;
}

describe.each(HEADS.filter(({ isHere }) => isHere()))("between knots, on $name", ({ name, queryCount }) => {
  test("95 % intervals cover in 94 % or more at every temperature, and in at most 99.9 % together", async () => {
    const cells = await measureHead(name, queryCount);
    const facts = { name, itemCount: 0, dim: 0, hasBias: true, hasCounts: false, queryCount, likeliestShare: 1 };
    const notMeasured = { buildSeconds: 0, bounds: { checked: 0, wrong: 0, worst: 0 }, recall: [] };
    const build = { isInformed: false, hasFineCodes: false, cells, ...notMeasured };
    const [inEveryCell] = judge([{ ...facts, builds: [build] }]);
    expect(inEveryCell?.cases).toBeGreaterThan(6);
    expect(inEveryCell?.holds, inEveryCell?.worst).toBe(true);
    expect(pooledCoverage(cells)).toBeGreaterThanOrEqual(0.94);
    expect(pooledCoverage(cells)).toBeLessThanOrEqual(0.999);
  });
});
