import { expect, it } from "vitest";
import { storedDispersions } from "../../../src/train/calibration/stored-dispersions.ts";
import { buildIndex } from "../../build-index.ts";
import { open } from "../../open.ts";
import { randomRows } from "../rows.ts";

it.each(["f32", "f16", "i8"] as const)("measures what a build of %s rows writes", async (rowType) => {
  const data = randomRows(2000 * 6, 3);
  const file = await buildIndex({ data, shape: [2000, 6] }, { rowType, fineCodes: true, seed: 1 });
  const { opened } = await open(file);
  const { header, kernels, plan } = opened;
  const written = (name: "dispersion.buckets" | "dispersion.codes", count: number) =>
    new Float32Array(kernels.memory.buffer, plan.file + (header.tensors[name]?.begin ?? 0), count).slice();
  const buckets = written("dispersion.buckets", header.facts.bucketCount);
  const [codes = 0] = written("dispersion.codes", 1);
  const measured = storedDispersions(opened);
  expect(measured.buckets).toHaveLength(buckets.length);
  for (const [bucket, dispersion] of buckets.entries()) {
    const error = (measured.buckets[bucket] as number) - dispersion;
    expect(Math.abs(error)).toBeLessThan(1e-4 * dispersion + 1e-9);
  }
  expect((measured.codes as number) / codes).toBeGreaterThan(0.999);
  expect((measured.codes as number) / codes).toBeLessThan(1.002);
});
