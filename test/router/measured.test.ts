import { expect, test } from "vitest";
import { ESTIMATOR } from "../../src/format/calibration-values.ts";
import { type MergedCalibration, sealManifest } from "../../src/publication/manifest.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

const SIZES = [5000, 4000];
const files = await partedFiles({ version: "a", seed: 1, sizes: SIZES });

/** A router over the parts with what a build has measured of merged answers. */
async function routed(measured: Partial<PartedFiles["manifest"]>) {
  const { generation: _, ...manifest } = { ...files.manifest, ...measured };
  const shelf = new ManifestShelf();
  shelf.publish({ ...files, manifest: await sealManifest(manifest) });
  const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number)));
  return router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]]).app;
}

test("a router takes the effort of its manifest's curves: above them, the best classes are exact", async () => {
  const whole = await wholeIndex(files);
  const app = await routed({ recallCurves: [{ k: 10, points: [{ scan: 64, rescore: 20, recall: 0.9 }] }] });
  for (let seed = 0; seed < 5; seed++) {
    const { answer } = await ask(app, "/v1/query", { vector: Array.from(queryOf(seed)), topK: 10 });
    const { ids } = whole.topK(queryOf(seed), 10, { exact: true });
    expect(answer.result.matches.map(({ id }: { id: string }) => Number(id))).toEqual(Array.from(ids));
  }
  whole.dispose();
});

test("a router multiplies error bars by the factor of its manifest, and trusts them up to its limit", async () => {
  const request = { vector: Array.from(queryOf(3)), seed: 5, scan: 64 };
  const [plain, wide, tight] = await Promise.all(
    [undefined, { factor: 2, limit: 10 }, { factor: 2, limit: 1e-9 }].map(async (values) => {
      const calibration = values && ({ estimator: ESTIMATOR, ...values } as MergedCalibration);
      return (await ask(await routed(calibration ? { calibration } : {}), "/v1/predict", request)).answer;
    }),
  );
  expect(plain.standardError).toBeGreaterThan(0);
  expect(wide.standardError).toBeCloseTo(2 * plain.standardError, 9);
  expect(wide.calibrated).toBe(true);
  expect(wide.logPartition).toBe(plain.logPartition);
  expect(tight).toMatchObject({ standardError: null, lowEss: true });
});
