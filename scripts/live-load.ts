// npm run test:live reads and writes at fixed rates in workerd, publishes new versions meanwhile, and ends with status 1 if a
// request fails, if an answer lacks an acknowledged change that it was asked to have, or if a change is lost in a swap. By
// default 200 reads and 20 writes a second for two minutes with three new versions, and the log in a Durable Object;
// --log segments keeps it in the bucket. A machine that is too busy for these rates sends fewer requests, and says how many.
// --strict also asks for a 99th percentile of at most two seconds from an acknowledgement to the first answer with the change.
import { parseArgs } from "node:util";
import { Catalogue } from "./live-load/catalogue.ts";
import { Loader } from "./live-load/load.ts";
import { startLive } from "./live-load/services.ts";
import { publishVersion } from "./live-load/versions.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "120" },
    reads: { type: "string", default: "200" },
    writes: { type: "string", default: "20" },
    versions: { type: "string", default: "3" },
    log: { type: "string", default: "object" },
    strict: { type: "boolean", default: false },
  },
});
const DIM = 32;
const ITEMS = 2000;
/** The design's bound at DELTA_SECONDS 1. */
const MOST_MS = 2000;
/** A version is served this long after it is published at the latest, on a machine ten times slower too. */
const SWAP_MS = 60_000;

const { log } = values;
if (log !== "object" && log !== "segments") throw new RangeError(`--log expected object or segments, got ${log}`);
const seconds = Number(values.seconds);
const catalogue = new Catalogue(DIM, ITEMS);
const service = await startLive(log);
try {
  await publishVersion(service.put, service.key, catalogue, "v0");
  const loader = new Loader(catalogue, {
    ...{ url: service.url, writeToken: service.writeToken, seconds },
    ...{ readsPerSecond: Number(values.reads), writesPerSecond: Number(values.writes) },
  });
  await servedVersion("v0");
  const loading = loader.run();
  const swaps = publishMeanwhile(Number(values.versions));
  const [report] = await Promise.all([loading, swaps]);
  await loader.checkAll();
  const sorted = report.untilVisible.toSorted((a, b) => a - b);
  const quantile = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  console.log(`${report.reads} reads, ${report.writes} writes, ${report.checks} checks, ${report.late} not sent`);
  console.log(`${report.failed} failed, ${report.missing.length} changes missing, ${values.versions} versions swapped`);
  console.log(`from acknowledged to visible: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms`);
  for (const line of [...report.failures, ...report.missing.slice(0, 10)]) console.error(line);
  const isSlow = values.strict && (quantile(0.99) > MOST_MS || report.late > 0);
  process.exitCode = report.failed > 0 || report.missing.length > 0 || sorted.length === 0 || isSlow ? 1 : 0;
} finally {
  await service.stop();
}

/** Publishes versions at even times of the load, each of which must be served. */
async function publishMeanwhile(count: number): Promise<void> {
  const start = performance.now();
  for (let i = 1; i <= count; i++) {
    await sleep(start + (1000 * seconds * i) / (count + 1) - performance.now());
    await publishVersion(service.put, service.key, catalogue, `v${i}`);
    await servedVersion(`v${i}`);
  }
}

async function servedVersion(version: string): Promise<void> {
  const until = performance.now() + SWAP_MS;
  for (let served: string | null = null; served !== version; await sleep(100)) {
    const response = await fetch(`${service.url}/v1/info`);
    served =
      response.headers.get("x-index-version") ?? (JSON.parse(await response.text()) as { version: string }).version;
    if (performance.now() > until) throw new Error(`${version} is not served after ${SWAP_MS} ms, but ${served}`);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
