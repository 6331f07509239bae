import { beforeAll, describe, expect, it } from "vitest";
import { fallingPointed } from "../../../bench/trust/families.ts";
import { longQueriesHead } from "../../../bench/trust/synthetic.ts";
import { load, type MultiIndex } from "../../../src/index.ts";
import { build } from "../../../src/train/index.ts";

const SIZES = { itemCount: 6000, dim: 128, queryCount: 200, seed: 2 };

describe("a build without queries, of rows that long queries point at", () => {
  const { itemCount, dim, data, bias, queries } = longQueriesHead(SIZES);
  let index: MultiIndex;
  beforeAll(async () => {
    index = await load(await build({ data, shape: [itemCount, dim] }, { bias: bias as Float32Array, seed: 1 }));
  });

  /** Counts the trusted answers that sampled, and those of them that miss. */
  function count(temperature: number, options: { readonly scan?: number }) {
    const counts = { trusted: 0, missed: 0, exact: 0 };
    for (let row = 0; row < SIZES.queryCount; row++) {
      const query = queries.subarray(row * dim, (row + 1) * dim);
      const call = { temperature, seed: row };
      const { logPartition, standardError, lowEss } = index.predict(query, 1, { ...call, ...options });
      counts.exact += Number(standardError === 0);
      if (lowEss || standardError === 0) continue;
      counts.trusted++;
      const exact = index.logPartition(query, { ...call, exact: true }).logPartition;
      counts.missed += Number(Math.abs(logPartition - exact) > 1.96 * standardError);
    }
    return counts;
  }

  it("knows that stand-ins for queries are missed, so no estimate has a bar where the tail is uneven", () => {
    expect(index.info.calibration).toMatchObject({ source: "stand-ins", spread: 1, spreadLimit: 0.5 });
    // With the bars of the model, 21 of 196 answers miss at 1,024 classes.
    for (const scan of [0, 1024]) expect(count(0.5, { scan })).toEqual({ trusted: 0, missed: 0, exact: 0 });
  });

  it("reads all rows by default", () => {
    expect(count(0.5, {})).toMatchObject({ trusted: 0, exact: SIZES.queryCount });
  });

  it("keeps the bars of even tails, which hold", () => {
    const { trusted, missed } = count(2, { scan: 1024 });
    expect(trusted).toBeGreaterThan(150);
    expect(missed / trusted).toBeLessThan(0.05);
  });
});

describe("a build without queries, of rows that queries point at where they differ least", () => {
  const { itemCount, dim, data, bias, queries } = fallingPointed({ itemCount: 4000, dim: 256, queryCount: 60 }, 1);

  it("knows by discriminants that single rows are missed", async () => {
    const index = await load(await build({ data, shape: [itemCount, dim] }, { bias, seed: 1 }));
    expect(index.info.calibration).toMatchObject({ source: "stand-ins", spreadLimit: 0.5 });
    for (let row = 0; row < queries.length / dim; row++) {
      const query = queries.subarray(row * dim, (row + 1) * dim);
      const { logPartition, lowEss } = index.predict(query, 1, { seed: row });
      const exact = index.logPartition(query, { exact: true }).logPartition;
      // By stand-ins alone, some of these answers were trusted and several nats too small.
      if (!lowEss) expect(Math.abs(logPartition - exact)).toBeLessThan(0.1);
    }
    index.dispose();
  });
});
