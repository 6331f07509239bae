import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readManifestFile } from "../../src/cli/publishing/manifest-file.ts";
import { openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import type { Manifest } from "../../src/publication/manifest.ts";
import { createClient } from "../../worker/client.ts";
import { type RunningWorkers, startObjects } from "../router/start-workers.ts";
import { partedItems } from "./parted-items.ts";

// A router in workerd that takes sequences, with its parts in Durable Objects.

const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
let workers: RunningWorkers;
let one: string;
beforeAll(async () => {
  const items = await partedItems(folder, { units: 12 });
  one = items.one;
  const manifest = (await readManifestFile(items.manifest)) as Manifest;
  const files = manifest.parts.map(({ file }) => new Uint8Array(readFileSync(join(items.parts, String(file)))));
  workers = await startObjects("sequence-objects");
  await workers.publish({ manifest, files });
}, 60_000);
afterAll(async () => {
  await workers?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("has the queries and the classes of one index in Node", async () => {
  const index = await load(readFileSync(one));
  await openEncoder(index);
  const sequence = ["item-3", "item-28", "item-14"];
  const query = index.encode(sequence);
  const midx = createClient(workers.url);
  expect(Float32Array.from((await midx.encode(sequence)).vector)).toEqual(query);
  const { ids, scores } = await midx.predict({ sequence }, { k: 5, exact: true });
  const expected = index.topK(query, 5, { exact: true });
  expect({ ids, scores }).toEqual({ ids: Array.from(expected.ids), scores: Array.from(expected.scores) });
});
