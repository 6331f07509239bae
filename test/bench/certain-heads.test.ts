import { describe, expect, test } from "vitest";
import { canLoad, sourceOf } from "../../bench/trust/heads.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { LARGE } from "../run/size.ts";
import { logPartitionInFloat64, widestExact } from "../statistics/float64-partition.ts";

const QUERIES = LARGE ? 12 : 2;
const TEMPERATURES = [0.1, 0.3, 1, 3];
/** `npm test` has the first, whose brackets are widest. */
const ROW_TYPES = ["i8", "f16", "f32"] as const;

/** The widest median bracket of int8 rows, times T. */
const WIDEST_INT8 = 3e-4;

describe.each(["next words", "PTB words"] as const)("on the softmax head of %s", (name) => {
  test.skipIf(!canLoad(name)).each(LARGE ? ROW_TYPES : ROW_TYPES.slice(0, 1))(
    "the bracket contains log Z in float64, and is narrow if all rows were scored: %s",
    async (rowType) => {
      const { itemCount, dim, data, bias, queries } = await sourceOf(name).load();
      const file = await buildIndex({ data, shape: [itemCount, dim] }, { rowType, seed: 1, ...(bias && { bias }) });
      const { index } = await open(file);
      const stored = storedIndex(file);
      for (const temperature of TEMPERATURES) {
        const widths: number[] = [];
        for (let i = 0; i < QUERIES; i++) {
          const query = queries.slice(i * dim, (i + 1) * dim);
          const logZ = logPartitionInFloat64(stored, query, temperature);
          for (const way of [{ exact: true }, {}, { tolerance: 0.01 }]) {
            const { lower, upper } = index.logPartition(query, { ...way, temperature, seed: 1 });
            expect(lower, `${i}, temperature ${temperature}`).toBeLessThanOrEqual(logZ);
            expect(upper, `${i}, temperature ${temperature}`).toBeGreaterThanOrEqual(logZ);
            if (!("exact" in way)) continue;
            expect(upper - lower).toBeLessThan(widestExact(stored, query, temperature));
            widths.push(upper - lower);
          }
        }
        const median = widths.sort((a, b) => a - b)[QUERIES >> 1] as number;
        if (rowType === "i8") expect(median).toBeLessThan(WIDEST_INT8 / temperature);
      }
    },
  );
});
