import { describe, expect, it } from "vitest";
import { longQueriesHead } from "../../../bench/trust/synthetic.ts";
import { load } from "../../../src/index.ts";
import { build } from "../../../src/train/index.ts";

const SIZES = { itemCount: 6000, dim: 128, queryCount: 200, seed: 2 };
const TEMPERATURE = 0.5;

describe("a build without queries, of rows that long queries point at", () => {
  it("has bars that the stand-ins make wide enough for most queries", async () => {
    const { itemCount, dim, data, bias, queries } = longQueriesHead(SIZES);
    const file = await build({ data, shape: [itemCount, dim] }, { bias: bias as Float32Array, seed: 1 });
    const index = await load(file);
    let [trusted, missed] = [0, 0];
    for (let row = 0; row < SIZES.queryCount; row++) {
      const query = queries.subarray(row * dim, (row + 1) * dim);
      const call = { temperature: TEMPERATURE, seed: row };
      const { logPartition, standardError, lowEss } = index.predict(query, 1, { ...call, scan: 1024 });
      if (lowEss) continue;
      trusted++;
      const exact = index.logPartition(query, { ...call, exact: true }).logPartition;
      if (Math.abs(logPartition - exact) > 1.96 * standardError) missed++;
    }
    // With a spread of 1, 21 of 196 miss.
    expect(index.info.calibration).toMatchObject({ source: "stand-ins", spread: 2.25 });
    expect(trusted).toBeGreaterThan(180);
    expect(missed / trusted).toBeLessThan(0.06);
  });
});
