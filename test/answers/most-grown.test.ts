import { expect, test } from "vitest";
import { growEnvelope, mostGrown } from "../../src/answers/envelope.ts";

test("no envelope has more heads, or more classes in them, than mostGrown says, whatever its heads leave", () => {
  const scans: number[] = [];
  const kernels = {
    subScores: () => 0,
    prepareBounds: () => 0,
    envelope: (_: number, scan: number) => scans.push(scan),
  };
  let random = 1;
  const uniform = (): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return random / 2 ** 32;
  };
  const reached = { heads: 0, rows: 0 };
  for (let turn = 0; turn < 40_000; turn++) {
    const count = Math.ceil(1000 * 4 ** (6 * uniform()));
    const costs = turn % 2 ? { headRows: 1.5, scanRows: 1 } : { headRows: 2.5, scanRows: 4 };
    const maxScan = turn % 3 ? 65_536 : 500;
    const conditions = { allowedCount: count, weigh: () => undefined };
    scans.length = 0;
    let left = 10 ** (6 * uniform());
    growEnvelope({ plan: { layout: 0, maxScan }, conditions, kernels } as never, () => (left *= uniform()), costs);
    const { heads, rows } = mostGrown(count, maxScan, costs);
    expect(scans.length).toBeLessThanOrEqual(heads);
    const all = scans.reduce((sum, scan) => sum + scan, 0);
    expect(all).toBeLessThanOrEqual(rows);
    if (heads > 1) reached.heads = Math.max(reached.heads, scans.length / heads);
    if (heads > 1) reached.rows = Math.max(reached.rows, all / rows);
  }
  expect(reached.rows, "the bound is close").toBeGreaterThan(0.5);
});
