// npm run test:live reads and writes in workerd, where two isolates follow one log, while midx/compactor publishes compacted
// versions and a rollback takes one of them back. It ends with status 1 if a request fails, if an answer lacks an acknowledged
// change that it was asked to have, if a change is lost in a swap or a rollback, if the log was not trimmed, or if a request was
// not sent. By default 200 reads and 20 writes a second for two minutes with three compactions and a rollback before the last,
// and the log in a Durable Object; --log segments keeps it in the bucket. --served parts has a manifest of three parts, each a
// Durable Object, behind two routers. A machine that is too slow for these rates gets the
// same requests over a longer time. The 99th percentile of the time from an acknowledgement to the first answer of the other
// isolate with the change must be at most two seconds where the machine keeps up, and ten times as much where it does not.
// --strict also fails where it does not keep up.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Catalogue } from "./live-load/catalogue.ts";
import { Loader } from "./live-load/load.ts";
import { startFleet } from "./live-load/services.ts";
import { compacted, FIRST, publishFirst, rolledBack } from "./live-load/versions.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "120" },
    reads: { type: "string", default: "200" },
    writes: { type: "string", default: "20" },
    compactions: { type: "string", default: "3" },
    log: { type: "string", default: "object" },
    served: { type: "string", default: "file" },
    strict: { type: "boolean", default: false },
  },
});
const DIM = 32;
const ITEMS = 2000;
/** The design's bound at DELTA_SECONDS 1, and that for a machine ten times slower. */
const [MOST_MS, MOST_SLOW_MS] = [2000, 20_000];
/** A machine keeps up if at most this share of the requests is late. */
const MOST_LATE = 0.01;
/** A version is served this long after it is published at the latest, on a machine ten times slower too. */
const SWAP_MS = 60_000;
/** Changed classes that are asked for after each swap. */
const CHECKED = 50;

const { log, served } = values;
if (log !== "object" && log !== "segments") throw new RangeError(`--log expected object or segments, got ${log}`);
if (served !== "file" && served !== "parts") throw new RangeError(`--served expected file or parts, got ${served}`);
const [seconds, readsPerSecond, writesPerSecond, compactions] = [
  values.seconds,
  values.reads,
  values.writes,
  values.compactions,
].map(Number) as [number, number, number, number];
if (!(compactions >= 2))
  throw new RangeError(`--compactions expected 2 or more, as one is rolled back, got ${values.compactions}`);
const catalogue = new Catalogue(DIM, ITEMS);
const fleet = await startFleet({ log, served });
try {
  await publishFirst(fleet, catalogue);
  const { url, readerUrl, writeToken } = fleet;
  const loader = new Loader(catalogue, { url, readerUrl, writeToken, seconds, readsPerSecond, writesPerSecond });
  await untilServed(FIRST);
  const [report, trimmed] = await Promise.all([loader.run(), publishMeanwhile(loader)]);
  await loader.checkChanged();
  const sorted = report.untilVisible.toSorted((a, b) => a - b);
  const quantile = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const keepsUp = report.late <= MOST_LATE * (report.reads + report.writes);
  console.log(`${report.reads} reads, ${report.writes} writes, ${report.checks} checks, ${report.unsent} not sent`);
  console.log(`${report.failed} failed, ${report.missing.length} changes missing, ${report.unseen} never seen`);
  console.log(`${compactions} compactions and a rollback, the log trimmed up to ${trimmed}`);
  const most = keepsUp ? MOST_MS : MOST_SLOW_MS;
  console.log(`from acknowledged to visible: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms of at most ${most} ms`);
  if (!keepsUp) console.log(`${report.late} requests were sent late: the machine does not keep up with these rates`);
  for (const line of [...report.failures, ...report.missing.slice(0, 10)]) console.error(line);
  const isSlow = quantile(0.99) > most || (values.strict && !keepsUp);
  const isLost = report.failed > 0 || report.missing.length > 0 || report.unseen > 0;
  const isWrong = isSlow || isLost || report.unsent > 0 || sorted.length === 0 || trimmed === 0;
  process.exitCode = isWrong ? 1 : 0;
} finally {
  await fleet.stop();
}

/**
 * Publishes versions after even shares of the writes, each of which must be served with all changes. Returns the number up to
 * which the log was trimmed.
 */
async function publishMeanwhile(loader: Loader): Promise<number> {
  const steps = Array.from({ length: compactions }, () => compacted);
  steps.splice(-1, 0, rolledBack);
  for (const [i, step] of steps.entries()) {
    while (loader.progress < (i + 1) / (steps.length + 1)) await sleep(20);
    await untilServed(await step(fleet));
    await loader.checkChanged(CHECKED);
  }
  return (await fleet.log.read(catalogue.complete)).first - 1;
}

/** Waits until both isolates serve a version. */
async function untilServed(version: string): Promise<void> {
  const until = performance.now() + SWAP_MS;
  for (const at of [fleet.url, fleet.readerUrl]) {
    for (let found: unknown; found !== version; await sleep(100)) {
      found = ((await (await fetch(`${at}/v1/info`)).json()) as { readonly version?: string }).version;
      if (performance.now() > until) throw new Error(`${version} is not served after ${SWAP_MS} ms, but ${found}`);
    }
  }
}
