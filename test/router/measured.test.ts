import { describe, expect, test } from "vitest";
import { ESTIMATOR } from "../../src/format/calibration-values.ts";
import { type MergedCalibration, sealManifest } from "../../src/publication/manifest.ts";
import { FaultyHost, killed } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf, wholeIndex } from "./parted-files.ts";

const SIZES = [5000, 4000];
const CURVES = { recallCurves: [{ k: 10, points: [{ scan: 64, rescore: 20, recall: 0.9 }] }] };
const calibrated = (limit: number) => ({
  calibration: { estimator: ESTIMATOR, factor: 2, limit } as MergedCalibration,
});
const files = await partedFiles({ version: "a", seed: 1, sizes: SIZES });

/** A router over the parts with what a build has measured of merged answers. The second part may fail. */
async function routed(measured: Partial<PartedFiles["manifest"]>, fault?: FaultyHost["fault"]) {
  const { generation: _, ...manifest } = { ...files.manifest, ...measured };
  const shelf = new ManifestShelf();
  shelf.publish({ ...files, manifest: await sealManifest(manifest) });
  const hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
  const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]);
  await app.request("/readyz"); // the router has learnt of all parts
  (hosts[1] as FaultyHost).fault = fault;
  return app;
}

test("a router takes the effort of its manifest's curves: above them, the best classes are exact", async () => {
  const whole = await wholeIndex(files);
  const app = await routed(CURVES);
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
    [{}, calibrated(10), calibrated(1e-9)].map(
      async (measured) => (await ask(await routed(measured), "/v1/predict", request)).answer,
    ),
  );
  expect(plain.standardError).toBeGreaterThan(0);
  expect(wide.standardError).toBeCloseTo(2 * plain.standardError, 9);
  expect(wide.calibrated).toBe(true);
  expect(wide.logPartition).toBe(plain.logPartition);
  expect(tight).toMatchObject({ standardError: null, lowEss: true });
});

describe.each([
  ["a calibration", calibrated(10)],
  ["a calibration with a tight limit", calibrated(1e-9)],
  ["a recall curve", CURVES],
])("with %s", (_, measured) => {
  const effort = { vector: Array.from(queryOf(3)), seed: 5, scan: 64 };

  test("answers of all parts are the same where some might be missing", async () => {
    const app = await routed(measured);
    for (const path of ["/v1/predict", "/v1/log-partition"]) {
      const { requestId: _, ...whole } = (await ask(app, path, effort)).answer;
      const { requestId: __, ...allowed } = (await ask(app, path, { ...effort, partial: "allow" })).answer;
      expect(allowed).toEqual({ ...whole, coverage: { parts: 2, of: 2, classes: 1 } });
    }
    const search = { vector: effort.vector, topK: 10 };
    const { matches } = (await ask(app, "/v1/query", search)).answer.result;
    expect((await ask(app, "/v1/query", { ...search, partial: "allow" })).answer.result.matches).toEqual(matches);
  });

  test("answers of some parts say what holds without a measurement of them", async () => {
    const app = await routed(measured, killed);
    const other = await routed({}, killed);
    for (const path of ["/v1/predict", "/v1/log-partition"]) {
      const { requestId: _, ...answer } = (await ask(app, path, { ...effort, partial: "allow" })).answer;
      expect(answer.coverage).toEqual({ parts: 1, of: 2, classes: 5 / 9 });
      expect((await ask(other, path, { ...effort, partial: "allow" })).answer).toMatchObject(answer);
    }
  });
});

test("the effort of a curve finds the best classes of the parts that answer", async () => {
  const whole = await wholeIndex(files);
  const allow = Array.from({ length: 5000 }, (_, id) => id);
  const app = await routed(CURVES, killed);
  for (let seed = 0; seed < 5; seed++) {
    const query = { vector: Array.from(queryOf(seed)), topK: 10, partial: "allow" };
    const { matches } = (await ask(app, "/v1/query", query)).answer.result;
    const { ids } = whole.topK(queryOf(seed), 10, { exact: true, allow });
    expect(matches.map(({ id }: { id: string }) => Number(id))).toEqual(Array.from(ids));
  }
  whole.dispose();
});
