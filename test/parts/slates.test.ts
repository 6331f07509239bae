import { expect, test } from "vitest";
import { consecutive, idsTo, indexOf, inParts, inTurn, type Table } from "./split.ts";
import { ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

const table = TABLES["int8 rows, biases"] as Table;
const SLATE = [200, 3, 101, 239, 0, 60];
const GROUPS = [...SIZES.map((sizes) => consecutive(sizes)), inTurn(ITEM_COUNT, 3)];

test("exact probabilities of slates are those of one index (trap 8)", async () => {
  const whole = await indexOf(table, idsTo(ITEM_COUNT));
  for (const groups of GROUPS) {
    const { routers } = await inParts(table, groups);
    for (const router of routers) {
      for (const query of queries) {
        for (const conditions of [{}, { temperature: 0.5, exclude: [3] }]) {
          const exact = { exact: true, ...conditions } as const;
          const expected = whole.slateLogProbability(query, SLATE, exact);
          const found = await router.slateLogProbability(query, SLATE, exact);
          expect(found.exact).toBe(true);
          for (const [i, log] of expected.logProbabilities.entries()) {
            const own = found.logProbabilities[i] as number;
            if (log === Number.NEGATIVE_INFINITY) expect(own).toBe(log);
            else expect(Math.abs(own - log)).toBeLessThan(2 ** -18);
          }
        }
      }
    }
  }
});

test("of the proposal they are exact of Q of all parts, and not of the softmax (trap 8)", async () => {
  for (const groups of GROUPS) {
    const { routers } = await inParts(table, groups);
    for (const router of routers) {
      for (const query of queries.slice(0, 2)) {
        const options = { scan: 24, exclude: [7, 120] };
        const q = Float64Array.from(await router.logQ(query, idsTo(ITEM_COUNT), options), (log) => Math.exp(log));
        const { logProbabilities, logProbability, exact } = await router.slateLogProbability(query, SLATE, options);
        expect(exact).toBe(false);
        let total = 0;
        for (const [i, id] of SLATE.entries()) {
          const left = q.reduce((sum, p, other) => sum + (SLATE.slice(0, i).includes(other) ? 0 : p), 0);
          expect(Math.abs((logProbabilities[i] as number) - Math.log((q[id] as number) / left))).toBeLessThan(1e-4);
          total += logProbabilities[i] as number;
        }
        expect(Math.abs(total - logProbability)).toBeLessThan(1e-12);
        const ofSoftmax = await router.slateLogProbability(query, SLATE, { exact: true, exclude: [7, 120] });
        expect(Math.abs(ofSoftmax.logProbability - logProbability)).toBeGreaterThan(1e-3);
      }
    }
  }
});
