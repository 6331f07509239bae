import { afterEach, describe, test } from "vitest";
import type { PartedFiles } from "../router/parted-files.ts";
import { type RunningWorkers, startLiveBound, startObjects } from "../router/start-workers.ts";
import { EVERY } from "../run/size.ts";
import { COUNT, hats, labelOf, rowOf } from "./live-service.ts";
import { publishedParts, type Rows } from "./parted-shelf.ts";
import { LiveWorker } from "./start-workerd.ts";
import { liveBySdk, liveByStore } from "./vectorize-life.ts";

// The published clients of Vectorize against Workers in workerd: of one index, and of an index in parts.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));

interface Started {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startWhole(): Promise<Started> {
  const worker = new LiveWorker();
  await worker.prepare();
  await worker.publish(await hats(), "first");
  await worker.start();
  return { url: worker.url, stop: () => worker.remove() };
}

/** Starts Workers with an index in three parts. */
async function startParts(start: () => Promise<RunningWorkers>): Promise<Started> {
  const workers = await start();
  const { manifest, openPart } = await (await publishedParts(ROWS, [12, 25], "one", 0, "kinds")).open();
  const files = (await Promise.all(manifest.parts.map(openPart))) as PartedFiles["files"];
  await workers.publish({ manifest, files });
  return workers;
}

let started: Started | undefined;
afterEach(() => started?.stop());

const SERVICES = [
  { of: "one index, with its log in a Durable Object", start: startWhole },
  { of: "parts and a log in Durable Objects", start: () => startParts(() => startObjects("live-objects")) },
  { of: "parts behind service bindings and a router, with a log in R2", start: () => startParts(startLiveBound) },
];

// test/live/clients.test.ts has these clients at routers of parts, and test/live/router-workerd.test.ts has those in workerd.
describe.each(EVERY ? SERVICES : SERVICES.slice(0, 1))("in workerd, at $of", ({ start }) => {
  test("Cloudflare's SDK and LangChain's store go through the life of vectors", async () => {
    started = await start();
    await liveBySdk(started.url);
    await liveByStore(started.url);
  });
});
