import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { sealManifest, serialiseManifest } from "../../src/publication/manifest.ts";
import { createWorker } from "../../worker/worker.ts";
import { indexFile, jsonInit, queryOf, sendTo } from "./client.ts";
import { publish } from "./publish.ts";

it("keeps the index that it has where a manifest of parts takes its place, and says so", async () => {
  const key = "manifest-test/current.json";
  await publish((at, value) => env.INDEX.put(at, value), key, await indexFile(), "one");
  const vars = { INDEX_SOURCE: "r2", INDEX_KEY: key, REFRESH_SECONDS: "0.001" };
  const worker = createWorker();
  const ask = () => sendTo(worker, "/v1/predict", vars, jsonInit({ vector: queryOf(8, 1), k: 3 }));
  expect((await ask()).status).toBe(200);
  const part = {
    number: 0,
    file: "part.midx",
    sha256: "0".repeat(64),
    byteLength: 1,
    classes: 9,
    idBase: 0,
    memoryBytes: 1,
  };
  const manifest = await sealManifest({
    ...{ version: "two", classes: 9, facts: { dim: 8, metric: "dot", hasLabels: false }, parts: [part] },
    ...{ recallCurves: null, calibration: null, log: null },
  });
  await env.INDEX.put(key, serialiseManifest(manifest));
  const ready = async () =>
    (await sendTo(worker, "/readyz", vars)).json<{ status: string; version: string; reason: object }>();
  await expect.poll(async () => (await ready()).status, { timeout: 60_000 }).toBe("degraded");
  expect(await ready()).toMatchObject({ version: "one", reason: { code: "index_invalid" } });
  expect(await (await ask()).json()).toMatchObject({ version: "one" });
});
