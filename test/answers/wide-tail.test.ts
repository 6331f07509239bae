import { expect, test } from "vitest";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "../train/rows.ts";
import { hostileCall, hostileIndex } from "../trust/hostile-cases.ts";

// The variance by the model is a sum of masses times second moments. Where residuals are wide a moment can make up for a
// mass of e^−200, which no f32 holds.

const DIM = 4;
const COUNT = 440;
/** The classes from here on lie far apart, in buckets of their own. */
const FIRST_WIDE = 400;

test("a mass that is too small to matter is not taken for a larger one", async () => {
  const data = randomRows(COUNT * DIM, 1).map((value, i) => (i < FIRST_WIDE * DIM ? 1 + 0.05 * value : -6 + 4 * value));
  const bias = Float32Array.from({ length: COUNT }, (_, id) => (id < FIRST_WIDE ? 0 : -300));
  const counts = new Float32Array(COUNT).fill(1);
  const options = { bias, counts, bits: 1, rowType: "f32", calibrate: "quick" } as const;
  const { index } = await open(await buildIndex({ data, shape: [COUNT, DIM] }, options));
  const ids = Int32Array.from({ length: COUNT }, (_, id) => id);
  let flagged = 0;
  for (let seed = 0; seed < 50; seed++) {
    const query = randomRows(DIM, 100 + seed).map((value) => 8 * value);
    const { logPartition, standardError, lowEss } = index.predict(query, 0, { scan: 0, seed });
    if (lowEss) flagged++;
    else expect(Math.abs(logPartition - logSumExp(index.score(query, ids)))).toBeLessThan(4 * standardError);
  }
  expect(flagged).toBeLessThanOrEqual(5);
});

test("a mass that f32 rounds to 0 is not forgotten", async () => {
  const one = await hostileIndex(34); // biases of ± 30
  const call = hostileCall(one, 85);
  const { logPartition, standardError, lowEss } = one.index.predict(call.query, 1, call.options);
  expect(lowEss || Math.abs(logPartition - call.logPartition) <= 4 * standardError).toBe(true);
});
