import { expect, it } from "vitest";
import type { InternalBuildOptions } from "../../../src/train/build/build-plan.ts";
import { storedDispersions } from "../../../src/train/calibration/stored-dispersions.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM] = [2000, 6];

it.each([
  ["f32", "rq"],
  ["f16", "pq"],
  ["i8", "rq"],
] as const)("measures what a build of %s rows writes, %s", async (rowType, quantizer) => {
  const data = randomRows(ITEMS * DIM, 3).map((value, i) => (i % DIM === 2 ? 3 * value : value));
  const shape = [ITEMS, DIM] as const;
  // Files without dispersions have no outliers.
  const options: InternalBuildOptions = { rowType, quantizer, fineCodes: true, bits: 3, seed: 1, mostOutliers: 0 };
  const file = await buildIndex({ data, shape }, options);
  const { opened } = await open(file);
  const { header, kernels, plan } = opened;
  const measured = storedDispersions(opened);
  for (const [name, values] of Object.entries(measured)) {
    const { begin = 0 } = header.tensors[name as keyof typeof measured] ?? {};
    const written = new Float32Array(kernels.memory.buffer, plan.file + begin, values.length);
    const largest = written.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    for (const [i, value] of values.entries()) {
      if (name === "dispersion.means" && i === 2 && rowType !== "i8") continue; // the longest row matters for int8 alone
      const expected = written[i] as number;
      expect(Math.abs(value - expected), `${name} ${i}`).toBeLessThan(0.005 * Math.abs(expected) + 0.02 * largest);
    }
  }
});
