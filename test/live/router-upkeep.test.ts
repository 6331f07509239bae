import { expect, test } from "vitest";
import { COUNT, labelOf, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, type Rows, shelfOfParts } from "./parted-shelf.ts";
import { hostsOf, RouterIsolate } from "./routed-parts.ts";

test("a router with a log shows how full its changes are, and what is due, before it refuses any", async () => {
  const rows: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
  const shelf = shelfOfParts(await publishedParts(rows, [15], "one"));
  const isolate = new RouterIsolate(shelf, hostsOf(shelf), new MemoryLog(), { maxDelta: 10 });
  const labels = Array.from({ length: 9 }, (_, i) => labelOf(i)); // all in the first part
  const { status, body } = await isolate.send("/v1/upsert", { labels, rows: labels.map((_, i) => rowOf(900 + i)) });
  expect([status, body.detail]).toEqual([200, undefined]);
  await isolate.settled();
  // Also before it has answered a query.
  for (let answers = 0; answers < 2; answers++) {
    const { body: metrics } = await isolate.send("/metrics");
    expect(metrics).toMatch(/^midx_delta_filled\{version="one"\} 0\.9$/m);
    expect(metrics).toMatch(/^midx_upkeep_due\{version="one",due="reassign"\} 1$/m);
    expect(await isolate.send("/v1/predict", { vector: rowOf(7), k: 3 })).toMatchObject({ status: 200 });
  }
});
