// What the Worker serves on this machine, the generator included (npm run bench:service; with --write:
// bench/results/service.json and docs/service.md): rates beside a route that scores nothing, swaps of the index under
// load, overload, requests at the limits, and five minutes without a pause. About eleven minutes, on loopback only.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { madeUp } from "./made-up.ts";
import { startNoise } from "./noise.ts";
import { replaceBetween } from "./page.ts";
import { measureOverload } from "./service/overload.ts";
import { publish } from "./service/publish.ts";
import { CONNECTIONS, rates } from "./service/rates.ts";
import type { ServiceResult } from "./service/result.ts";
import { measureSoak } from "./service/soak.ts";
import { measureSwaps } from "./service/swaps.ts";
import { serviceTable } from "./service/table.ts";
import { startWorker } from "./service/workers.ts";
import { measureWorst } from "./service/worst.ts";

const ITEM_COUNT = 100_000;
const DIM = 64;
const ROUNDS = 5;
const SECONDS = 6;
const SWAPS = 20;
const SOAK_SECONDS = 300;
const KEY = "words/current.json";

const queries = madeUpQueries(100);
const files = [await madeUp(ITEM_COUNT), await madeUp(ITEM_COUNT - 1)];
const service = await startWorker("worker/index.ts", { INDEX_SOURCE: "r2", INDEX_KEY: KEY, REFRESH_SECONDS: "0.25" });
const baseline = await startWorker("bench/service/baseline.ts", {});
try {
  await publish(service, KEY, files[0] as Uint8Array, "swap-0");
  const bodies = (fields: object): string[] => queries.map((vector) => JSON.stringify({ vector, ...fields }));
  const raw = queries.map((vector) => Buffer.from(Float32Array.from(vector).buffer));
  const predict = { url: `${service.url}/v1/predict`, bodies: bodies({}) };
  const found = await rates(
    {
      "a route that scores nothing": { url: `${baseline.url}/v1/predict`, bodies: bodies({}) },
      "/v1/predict": predict,
      "/v1/predict, raw vector": { ...predict, bodies: raw, contentType: "application/x-midx-f32" },
      "/v1/sample, 100 draws": {
        url: `${service.url}/v1/sample`,
        bodies: bodies({ draws: 100 }),
      },
      "/v1/query": { url: `${service.url}/v1/query`, bodies: bodies({ topK: 10 }) },
    },
    ROUNDS,
    SECONDS,
  );
  const result: ServiceResult = {
    machine: `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, the generator on one of them`,
    node: process.version,
    wrangler: JSON.parse(readFileSync(new URL("../node_modules/wrangler/package.json", import.meta.url), "utf8"))
      .version,
    itemCount: ITEM_COUNT,
    connections: CONNECTIONS,
    rates: found,
    swaps: await measureSwaps(service, KEY, files, queries, SWAPS),
    overload: await measureOverload(predict),
    worst: await measureWorst(service.url, queries, ITEM_COUNT),
    soak: await measureSoak(predict, SOAK_SECONDS),
  };
  console.log(serviceTable(result));
  if (process.argv.includes("--write")) {
    writeFileSync(new URL("results/service.json", import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
    replaceBetween("docs/service.md", "service", serviceTable(result));
  }
} finally {
  await Promise.all([service.stop(), baseline.stop()]);
}

/** Of the length of the rows. */
function madeUpQueries(count: number): number[][] {
  const next = startNoise();
  return Array.from({ length: count }, () => Array.from({ length: DIM }, () => Math.fround(next())));
}
