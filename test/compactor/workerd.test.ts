import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { memoryStore } from "../cli/publishing/memory-store.ts";
import { readPublished } from "../cli/publishing/reader.ts";
import { EVERY } from "../run/size.ts";
import { type PublishedOld, publishedOld } from "./published.ts";
import { compactedByCommand, publishedParts } from "./published-parts.ts";

let workerd: Miniflare;
let origin: string;
let old: PublishedOld;
beforeAll(async () => {
  old = await publishedOld();
  workerd = await start("by-request", {});
  ({ origin } = await workerd.ready);
});
afterAll(() => workerd.dispose());

async function start(entry: string, others: object): Promise<Miniflare> {
  const { script, wasm } = await bundleWorker(`test/compactor/workers/${entry}.ts`);
  const options = {
    ...{ host: "127.0.0.1", port: 0, cf: false, compatibilityDate: COMPATIBILITY_DATE },
    modules: [
      { type: "ESModule" as const, path: "worker.js", contents: script },
      ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm" as const, path, contents })),
    ],
    r2Buckets: { INDEX: "index" },
    ...others,
  };
  return new Miniflare(convertV4MiniflareOptions(options as Parameters<typeof convertV4MiniflareOptions>[0]));
}

async function run(options: Record<string, string>) {
  const response = await fetch(`${origin}/?${new URLSearchParams(options)}`);
  return response.json();
}

/** Puts the older version back, with its log. */
async function startAnew(of = workerd, values: ReadonlyMap<string, Uint8Array> = old.values) {
  const bucket = await of.getR2Bucket("INDEX");
  const { objects } = await bucket.list();
  await bucket.delete(objects.map(({ key }) => key));
  for (const [key, bytes] of values) await bucket.put(key, bytes);
  return bucket;
}

// The test of parts below has the other way of calibration.
test.each(EVERY ? (["carry", "quick"] as const) : (["quick"] as const))(
  "a compactor in workerd publishes the bytes that Node makes: %s",
  async (calibrate) => {
    const bucket = await startAnew();
    const { file, report } = await compact(old.file, old.sets, { calibrate });
    const { newIds: _, ...counts } = report;
    expect(await run({ maxDelta: "8", calibrate })).toMatchObject({
      ...{ outcome: "published", sequence: 2, changedLabels: 4, trimmed: 0, report: counts },
    });
    const read = async (key: string): Promise<Uint8Array | undefined> => {
      const object = await bucket.get(key);
      return object ? new Uint8Array(await object.arrayBuffer()) : undefined;
    };
    const published = await readPublished(read, "words/current.json");
    expect(Buffer.compare(published?.bytes as Uint8Array, file)).toBe(0);
    const pointer = JSON.parse(Buffer.from((await read("words/current.json")) as Uint8Array).toString());
    expect(pointer).toMatchObject({
      pointerVersion: 3,
      sequence: 2,
      previous: "old",
      facts: { itemCount: 300, dim: 8 },
    });
    expect(await run({ maxDelta: "8" })).toMatchObject({ outcome: "not due", sequence: 2, changedLabels: 0 });
  },
);

test("a compactor in workerd publishes the manifest and the parts of midx compact", async () => {
  const parts = await publishedParts();
  const bucket = await startAnew(workerd, parts);
  expect(await run({ maxDelta: "8" })).toMatchObject({ outcome: "published", report: { compactedParts: 2 } });
  const { objects } = await bucket.list();
  const expected = await compactedByCommand(parts, "carry");
  for (const [key, bytes] of expected) {
    const found = (await (await bucket.get(key))?.arrayBuffer()) as ArrayBuffer;
    expect(Buffer.compare(new Uint8Array(found), bytes), key).toBe(0);
  }
  expect(objects.filter(({ key }) => !key.startsWith("words/log/"))).toHaveLength(expected.size);
});

test("changes that are too few wait, and a version that is too large is refused by name", async () => {
  const bucket = await startAnew();
  expect(await run({ maxDelta: "10" })).toMatchObject({ outcome: "not due", version: "old", changedLabels: 4 });
  expect(await run({ maxDelta: "4", maxBytes: "20000" })).toEqual({
    error: expect.stringMatching(
      /^version old has \d+ bytes, and a compaction beside its new version has 20000 in all \("maxBytes"\): run midx compact, or build an index /,
    ),
  });
  expect(await run({ maxDelta: "4", maxBytes: "5000000" })).toEqual({
    error: expect.stringMatching(
      /^"maxBytes" expected at least \d+ for the file of \d+ bytes, the changes and the new file, got 5000000/,
    ),
  });
  expect(await run({ maxDelta: "0" })).toEqual({ error: expect.stringContaining('"maxDelta" expected') });
  const pointer = await (await bucket.get("words/current.json"))?.text();
  expect(JSON.parse(pointer as string).version).toBe("old");
});

test("the default compactor takes the log of a Durable Object, trims it behind the version before, and notes how far", async () => {
  const live = await start("with-object", {
    durableObjects: { LOG: { className: "IndexLog", useSQLite: true } },
    bindings: { INDEX_KEY: "words/current.json", MAX_DELTA: "4" },
  });
  try {
    const { href } = await live.ready;
    const send = async (init?: RequestInit) => (await fetch(href, init)).json();
    await startAnew(live, new Map([...old.values].filter(([key]) => !key.startsWith("words/log/"))));
    for (const body of old.sets as Uint8Array<ArrayBuffer>[]) await send({ method: "POST", body });
    expect(await send()).toMatchObject({ outcome: "published", sequence: 2, trimmed: 0, first: 1 });
    for (const removals of [["b"], ["item 1", "item 2"]]) {
      await send({ method: "POST", body: encodeLoggedSet({ removals }) });
    }
    expect(await send()).toMatchObject({ outcome: "published", sequence: 4, trimmed: 2, first: 3 });
    expect(await send()).toMatchObject({ outcome: "not due", sequence: 4, changedLabels: 0 });
    for (const removals of [["item 3"], ["item 4", "item 5"]]) {
      await send({ method: "POST", body: encodeLoggedSet({ removals }) });
    }
    expect(await send()).toMatchObject({ outcome: "published", sequence: 6, trimmed: 4, first: 5 });
    const bucket = await live.getR2Bucket("INDEX");
    const store = memoryStore();
    for (const { key } of (await bucket.list()).objects) {
      store.values.set(key, new Uint8Array((await (await bucket.get(key))?.arrayBuffer()) as ArrayBuffer));
    }
    expect(await rollback(store, "words/current.json")).toMatchObject({ pointer: { sequence: 4 } });
    await expect(rollback(store, "words/current.json")).rejects.toThrow(
      /needs the changes behind 2, and a compaction may have trimmed the log up to 4, so a service/,
    );
  } finally {
    await live.dispose();
  }
});
