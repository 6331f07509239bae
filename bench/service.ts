// The rates of the Worker on this machine, with the generator beside it (npm run bench:service; with --write:
// bench/results/service.json and docs/service.md): rates against a route that scores nothing, swaps of the index under
// load, overload, requests at the limits, and five minutes without a pause. It takes about ten minutes and uses
// loopback only.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { startNoise } from "./noise.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { startBareWorkerd } from "./service/bare-workerd.ts";
import { measureOverload } from "./service/overload.ts";
import { publish } from "./service/publish.ts";
import { type Ask, CONNECTIONS, rates } from "./service/rates.ts";
import type { Rate, ServiceResult } from "./service/result.ts";
import { measureSoak } from "./service/soak.ts";
import { measureSwaps, swapFiles } from "./service/swaps.ts";
import { serviceTable } from "./service/table.ts";
import { startWorker } from "./service/workers.ts";
import { measureWorst } from "./service/worst.ts";

const ITEM_COUNT = 100_000;
const DIM = 64;
const ROUNDS = 3;
const SECONDS = 6;
const SWAPS = 20;
const SOAK_SECONDS = 300;
const KEY = "words/current.json";
const BASELINE = "bench/service/baseline.ts";

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

const queries = madeUpQueries(100);
const files = await swapFiles(ITEM_COUNT, DIM);
const bodies = (fields: object): string[] => queries.map((vector) => JSON.stringify({ vector, ...fields }));

const bare = await ratesOf(
  await startBareWorkerd("worker/index.ts", { "index.midx": files[0] }),
  await startBareWorkerd(BASELINE, {}),
);
const service = await startWorker("worker/index.ts", { INDEX_SOURCE: "r2", INDEX_KEY: KEY, REFRESH_SECONDS: "0.25" });
await publish(service, KEY, files[0], "swap-0");
const predict = { url: `${service.url}/v1/predict`, bodies: bodies({}) };
try {
  const result: ServiceResult = {
    ...originOf(`${cpus().length} cores, the generator on one of them`),
    wrangler: JSON.parse(readFileSync(new URL("../node_modules/wrangler/package.json", import.meta.url), "utf8"))
      .version,
    itemCount: ITEM_COUNT,
    connections: CONNECTIONS,
    bare,
    local: await ratesOf({ ...service, stop: async () => {} }, await startWorker(BASELINE, {})),
    swaps: await measureSwaps(service, KEY, files, queries, SWAPS),
    overload: await measureOverload(predict),
    worst: await measureWorst(service.url, queries),
    soak: await measureSoak(predict, SOAK_SECONDS),
  };
  console.log(serviceTable(result));
  if (process.argv.includes("--write")) {
    writeFileSync(new URL("results/service.json", import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
    replaceBetween("docs/service.md", "service", serviceTable(result));
  }
} finally {
  await service.stop();
}

/** Measures the rates of both servers in turn, and stops them. */
async function ratesOf(service: Server, baseline: Server): Promise<Record<string, Rate>> {
  const raw = queries.map((vector) => Buffer.from(Float32Array.from(vector).buffer));
  const route = (path: string, fields: object = {}): Ask => ({ url: service.url + path, bodies: bodies(fields) });
  try {
    return await rates(
      {
        "a route that scores nothing": { url: `${baseline.url}/v1/predict`, bodies: bodies({}) },
        "the same, with an answer of the same size": { url: `${baseline.url}/v1/same-size`, bodies: bodies({}) },
        "/v1/predict": route("/v1/predict"),
        "/v1/predict, raw vector": { ...route("/v1/predict"), bodies: raw, contentType: "application/x-midx-f32" },
        "/v1/sample, 100 draws": route("/v1/sample", { draws: 100 }),
        "/v1/query": route("/v1/query", { topK: 10 }),
      },
      ROUNDS,
      SECONDS,
    );
  } finally {
    await Promise.all([service.stop(), baseline.stop()]);
  }
}

/** Queries of the length of the rows. */
function madeUpQueries(count: number): number[][] {
  const next = startNoise();
  return Array.from({ length: count }, () => Array.from({ length: DIM }, () => Math.fround(next())));
}
