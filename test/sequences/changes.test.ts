import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { manifestFile } from "../../src/cli/hosting/manifest-publisher.ts";
import { encoderMessage } from "../../src/encoder/encoder-message.ts";
import { openSharedEncoder } from "../../src/encoder/index.ts";
import type { SharedEncoder } from "../../src/encoder/shared-encoder.ts";
import { load } from "../../src/index.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { sequencesBy } from "../../worker/router/sequences-by.ts";
import { MemoryLog } from "../live/log/memory-log.ts";
import { hostsOf, PassingRouter, RouterIsolate } from "../live/routed-parts.ts";
import { partedItems } from "./parted-items.ts";

// Sequences whose items were changed after training, over a router of routers.

const INDEX = "/client/v4/accounts/a/vectorize/v2/indexes/i";
const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let current: Publication<PublishedManifest>;
let encoder: SharedEncoder;
beforeAll(async () => {
  const { one, manifest } = await partedItems(folder, { units: 12 });
  current = (await manifestFile(manifest).look()) as Publication<PublishedManifest>;
  encoder = await openSharedEncoder(encoderMessage(await load(readFileSync(one))) as Uint8Array);
}, 60_000);

let router: RouterIsolate;
beforeEach(() => {
  const hosts = hostsOf({ current }, 3);
  const below = new PassingRouter({ current }, hosts);
  const sequences = sequencesBy(openSharedEncoder);
  router = new RouterIsolate({ current }, [below, below, ...hosts.slice(2)], new MemoryLog(), {
    ...{ routing: { groups: [2, 1] }, sequences },
  });
});

const row = (seed: number): number[] => Array.from({ length: 8 }, (_, i) => Math.fround(Math.sin(seed + i)) / 4);

async function post(path: string, body: object, minMutation = 0) {
  const { status, body: answer } = await router.send(path, body, { "x-min-mutation": String(minMutation) });
  expect([status, answer.detail], path).toEqual([200, undefined]);
  return answer;
}

test("items that were added or replaced are read with their rows, and their classes can be next", async () => {
  const labels = ["new", "item-4"];
  const { sequence: minMutation } = await post("/v1/upsert", { labels, rows: [row(1), row(2)], biases: [9, 0] });
  const sequence = ["item-4", "item-29", "new", "item-4"];
  const { result } = await post(`${INDEX}/get_by_ids`, { ids: ["item-29"] }, minMutation);
  const rows = [row(2), result[0].values, row(1), row(2)].map((values) => Float32Array.from(values));
  const query = encoder.encode(rows);
  const encoded = await post("/v1/encode", { sequence, minMutation });
  expect(Float32Array.from(encoded.vector)).toEqual(query);
  const asked = { k: 40, exact: true, seed: 1, minMutation };
  const [own, other] = [
    await post("/v1/predict", { ...asked, sequence }),
    await post("/v1/predict", { ...asked, vector: Array.from(query) }),
  ];
  expect([own.labels[0], own.labels.length]).toEqual(["new", 31]);
  expect(own).toEqual({ ...other, requestId: own.requestId });
  const [first] = own.ids as [number];
  expect((await post("/v1/predict", { ...asked, sequence: [4, 29, first, 4] })).logPartition).toBe(own.logPartition);
});

test("an item that was removed is unknown, by its label and by its id", async () => {
  await post("/v1/upsert", { labels: ["new"], rows: [row(1)], biases: [9] });
  const { sequence: minMutation } = await post("/v1/delete", { labels: ["new", "item-4"] });
  const known = (await post("/v1/encode", { sequence: ["item-29", "item-3"] })).vector;
  for (const removed of ["new", 30, "item-4", 4]) {
    const sequence = ["item-29", removed, "item-3"];
    for (const path of ["/v1/encode", "/v1/predict"]) {
      const { status, body } = await router.send(path, { sequence }, { "x-min-mutation": String(minMutation) });
      expect([status, body.detail], path).toEqual([400, expect.stringContaining('"sequence[1]" expected')]);
    }
    expect((await post("/v1/encode", { sequence, unknownItems: "skip" })).vector).toEqual(known);
  }
});
