import { describe, expect, test } from "vitest";
import { buildMeasured, load } from "../../bench/library.ts";
import { FAMILIES } from "../../bench/trust/families.ts";
import { NORMAL_95 } from "../../src/arithmetic/normal-95.ts";
import { LARGE } from "../run/size.ts";

/** An error that is too large whatever its bar. */
const FAR = 0.26;

describe.runIf(LARGE)("default answers of plain builds of tables that no constant was chosen by", () => {
  test.each(Object.entries(FAMILIES))("%s: bars hold, or all rows are read", async (_, tableOf) => {
    const { itemCount, dim, data, bias, queries, metric = "dot", temperatures } = tableOf();
    const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { metric, ...(bias && { bias }) }));
    const count = queries.length / dim;
    for (const temperature of temperatures) {
      let [sampled, missed, far] = [0, 0, 0];
      for (let row = 0; row < count; row++) {
        const query = queries.subarray(row * dim, (row + 1) * dim);
        const { logPartition, standardError, lowEss } = index.predict(query, 1, { temperature, seed: row });
        expect(lowEss).toBe(false);
        if (standardError === 0) continue;
        const exact = index.logPartition(query, { temperature, exact: true });
        const error = Math.abs(logPartition - exact.logPartition);
        sampled++;
        missed += Number(error > NORMAL_95 * standardError);
        far += Number(error > FAR);
      }
      // 6 % of the answers, and three standard errors of that share.
      expect(missed, `T ${temperature}: ${missed} of ${sampled} miss`).toBeLessThanOrEqual(
        0.06 * sampled + 3 * Math.sqrt(0.06 * sampled),
      );
      expect(far, `T ${temperature}: ${far} of ${sampled} are far off`).toBeLessThanOrEqual(0.02 * count);
    }
    index.dispose();
  });
});
