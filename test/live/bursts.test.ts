import { expect, test } from "vitest";
import { partOfLabel } from "../../src/changes/part-of-label.ts";
import { EVERY } from "../run/size.ts";
import { COUNT, catalogue, Isolate, labelOf, published, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, shelfOfParts } from "./parted-shelf.ts";
import { hostsOf, RouterIsolate } from "./routed-parts.ts";

// Writers who do not know of each other exceed MAX_DELTA, and never the memory that is reserved for that.

const MAX_DELTA = 1000;
const ROOM = 2000;
const OPTIONS = { deltaSeconds: 3600, maxDelta: MAX_DELTA };

/** Labels that the first of two parts gets. */
const [rows, named] = [new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)])), new TextEncoder()];
const labels = Array.from({ length: 10_000 }, (_, i) => `new ${i}`).filter(
  (label) => partOfLabel({ label, bytes: named.encode(label) }, 2, () => false) === 0,
);

type Service = Pick<Isolate, "send" | "settled">;
const SERVICES: Readonly<Record<string, (log: MemoryLog) => Promise<() => Service>>> = {
  "one index": async (log) => {
    const shelf = { current: published(await catalogue(), "one") };
    return () => new Isolate(shelf, log, OPTIONS);
  },
  "parts in one process": async (log) => {
    const shelf = shelfOfParts(await publishedParts(rows, [15], "one"));
    return () => new Isolate(shelf, log, OPTIONS);
  },
  "parts elsewhere": async (log) => {
    const shelf = shelfOfParts(await publishedParts(rows, [15], "one"));
    const hosts = hostsOf(shelf, 2, MAX_DELTA);
    return () => new RouterIsolate(shelf, hosts, log, OPTIONS);
  },
};

/** `npm test` has parts elsewhere alone, in whose hosts the room is as in one index. */
const ASKED = Object.entries(SERVICES).slice(EVERY ? 0 : -1);

test.each(ASKED)("a burst of writes to %s leaves a log that it can follow", async (_, start) => {
  const log = new MemoryLog();
  const service = await start(log);
  const [first, ...others] = Array.from({ length: 14 }, service) as [Service, ...Service[]];
  const upsert = (of: Service, begin: number, count: number) => {
    const own = labels.slice(begin, begin + count);
    return of.send("/v1/upsert", { labels: own, rows: own.map((_, i) => rowOf(i)) });
  };
  // New labels that were removed again count, too.
  expect((await upsert(first, 0, 900)).status).toBe(200);
  expect((await first.send("/v1/delete", { labels: labels.slice(0, 900) })).status).toBe(200);
  await first.settled();
  for (const other of others)
    expect((await other.send("/v1/info", undefined, { "x-min-mutation": "2" })).status).toBe(200);
  const statuses = [];
  for (const [i, other] of others.entries()) statuses.push((await upsert(other, 900 + 100 * i, 100)).status);
  expect(new Set(statuses)).toEqual(new Set([200, 507]));
  const taken = statuses.filter((status) => status === 200).length;
  expect(900 + 100 * taken).toBeLessThanOrEqual(ROOM);
  const born = service();
  const { status, body } = await born.send("/v1/predict", { vector: rowOf(1), k: 1000 });
  expect([status, body.detail, body.mutation]).toEqual([200, undefined, 2 + taken]);
  expect((await born.send("/readyz")).body.status).toBe("ready");
});
