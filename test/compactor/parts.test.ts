import { beforeAll, expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { type Manifest, manifestIn, serialiseManifest } from "../../src/publication/manifest.ts";
import { pointerOf } from "../../src/publication/publishing/pointer-of-part.ts";
import { readFile } from "../../src/publication/publishing/single-file.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { type CompactorOptions, createCompactor } from "../../worker/compactor.ts";
import { type SegmentBucket, valuesInBucket } from "../../worker/publication/values-in-bucket.ts";
import { randomRows } from "../train/rows.ts";
import { type BucketValues, bucketWith } from "./bucket.ts";
import { compactedByCommand, POINTER, publishedParts, type Values } from "./published-parts.ts";

let old: Values;
beforeAll(async () => {
  old = await publishedParts();
});

const logIn = (bucket: SegmentBucket) => new SegmentLog(valuesInBucket(bucket, "the bucket"), "words/log/");
const compactorWith = (options: Partial<CompactorOptions> = {}) =>
  createCompactor<SegmentBucket>({ bucket: (bucket) => bucket, log: logIn }, () => ({
    ...{ key: POINTER, maxDelta: 8 },
    ...options,
  }));
const compactor = compactorWith();

const current = (values: BucketValues): Promise<Manifest> =>
  manifestIn(values.get(POINTER)?.bytes as Uint8Array, { itself: "current.json" });
/** The values of a publication, without the log. */
const published = (values: ReadonlyMap<string, Uint8Array>) =>
  new Map([...values].filter(([key]) => !key.startsWith("words/log/")));
const bytesIn = (values: BucketValues) =>
  published(new Map([...values].map(([key, { bytes }]) => [key, new Uint8Array(bytes)])));

test("a compactor publishes the manifest and the parts that midx compact makes", async () => {
  const { bucket, values } = bucketWith(old);
  const run = await compactor.run(bucket);
  expect(run).toMatchObject({ outcome: "published", sequence: 2, changedLabels: 4, trimmed: 0 });
  expect(run.report).toMatchObject({ itemCount: 47, kept: 45, replaced: 1, removed: 2, added: 1, compactedParts: 2 });
  expect(bytesIn(values)).toEqual(published(await compactedByCommand(old, "carry")));
  const manifest = await current(values);
  expect(manifest).toMatchObject({ version: run.version, previous: "old", classes: 47 });
  const store = valuesInBucket(bucket, "the bucket");
  for (const part of manifest.parts) await readFile(store, POINTER, await pointerOf(store, POINTER, manifest, part));
  expect(manifest.log).toEqual({ sequence: 2, carried: true });
  expect(manifest.statistics).toMatchObject({ queryCount: 9, carried: true });
  expect(manifest.calibration?.queryCount).toBe(9);
  expect(await compactor.run(bucket)).toMatchObject({ outcome: "not due", sequence: 2, changedLabels: 0 });
});

test("a canary of parts is not ended unnoticed: a compaction waits for its end", async () => {
  const { bucket, values } = bucketWith(old);
  const tried = { ...(await current(values)), canary: { version: "new", share: 0.1 } };
  values.set(POINTER, { bytes: new TextEncoder().encode(serialiseManifest(tried)), etag: "tried" });
  const before = new Map(values);
  await expect(compactor.run(bucket)).rejects.toThrow("version new is tried as a canary beside old: end that first");
  expect(new Map(values)).toEqual(before);
});

test("a compactor that measures has the parts of midx compact, and carries over what is of merged answers", async () => {
  const { bucket, values } = bucketWith(old);
  await compactorWith({ calibrate: "quick" }).run(bucket);
  const byCommand = await compactedByCommand(old, "quick");
  const [own, other] = [
    await current(values),
    await manifestIn(byCommand.get(POINTER) as Uint8Array, { itself: "current.json" }),
  ];
  expect(own.parts).toEqual(other.parts);
  expect([own.log?.carried, other.log?.carried]).toEqual([true, undefined]);
  expect(own.calibration?.queryCount).toBe(9);
});

test("a compactor that measures and midx compact go on where the other one has died before its last write", async () => {
  const measuring = compactorWith({ calibrate: "quick" });
  const { bucket, values } = bucketWith(old, (_, name, key) => {
    if (name === "put" && key === POINTER) throw new Error("died");
  });
  await expect(measuring.run(bucket)).rejects.toThrow("died");
  const left = new Map([...values].map(([key, { bytes }]) => [key, new Uint8Array(bytes)]));
  const expected = await compactedByCommand(old, "quick");
  expect((await compactedByCommand(left, "quick")).get(POINTER)).toEqual(expected.get(POINTER));
  const unpublished = new Map([...old, ...expected, [POINTER, old.get(POINTER) as Uint8Array<ArrayBuffer>]]);
  expect(await measuring.run(bucketWith(unpublished).bucket)).toMatchObject({ outcome: "published", sequence: 2 });
});

test("a compactor of parts that dies at any call leaves one whole version, and the next run goes on", async () => {
  const { bucket: done, values: expected } = bucketWith(old);
  await compactor.run(done);
  const [before, after] = [old.get(POINTER), expected.get(POINTER)?.bytes].map(String);
  let [isOld, isNew] = [0, 0];
  for (let fatal = 1; ; fatal++) {
    let hasDied = false;
    const { bucket, values } = bucketWith(old, (call) => {
      if (call !== fatal) return;
      hasDied = true;
      throw new Error("died");
    });
    await compactor.run(bucket).catch(() => undefined);
    const left = String(values.get(POINTER)?.bytes);
    expect([before, after]).toContain(left);
    // All that the manifest names is there, whatever was uploaded.
    for (const [key, bytes] of left === before ? old : bytesIn(expected)) {
      expect(Buffer.compare(values.get(key)?.bytes as Uint8Array, bytes), key).toBe(0);
    }
    if (left === before) isOld++;
    else isNew++;
    if (!hasDied) break;
    if (fatal % 8 > 0) continue; // each mending takes as long as a compaction
    await compactor.run(bucket);
    expect(String(values.get(POINTER)?.bytes)).toBe(after);
    expect((await logIn(bucket).read(0)).sets).toHaveLength(2); // "old" needs them
  }
  expect(isOld).toBeGreaterThan(30);
  expect(isNew).toBeGreaterThan(0);
});

test("a compactor of parts gives up if another publication comes while it uploads them", async () => {
  let hasCome = false;
  const { bucket, values } = bucketWith(old, (_, name, key) => {
    if (name !== "put" || !key.startsWith("words/versions/part-") || hasCome) return;
    hasCome = true;
    values.set(POINTER, { ...(values.get(POINTER) as { bytes: Uint8Array }), etag: "another" });
  });
  await expect(compactor.run(bucket)).rejects.toThrow("another publication came first");
  expect((await current(values)).version).toBe("old");
});

test("what does not fit is refused by name, with what does it, before anything is written", async () => {
  const large = await publishedParts([
    encodeLoggedSet({ upserts: { labels: ["class 40"], rows: randomRows(8, 7), biases: [1] } }),
  ]);
  const { byteLength } = (await current(bucketWith(large).values)).parts[2] as { byteLength: number };
  for (const [maxBytes, message] of [
    [100, /^the changes behind version old take more than 100 bytes \("maxBytes"\): run midx compact,/],
    [2 * byteLength, /^part 2 of version old has \d+ bytes, and a compaction beside its new file and the changes has /],
    [9_000_000, undefined],
    [8_000_000, /^part 2 of version old: "maxBytes" expected at least \d+ for the file of .*, with midx compact$/],
  ] as const) {
    const { bucket, values } = bucketWith(large);
    const run = compactorWith({ maxDelta: 2, maxBytes }).run(bucket);
    if (message === undefined) expect(await run).toMatchObject({ outcome: "published" });
    else {
      await expect(run).rejects.toThrow(message);
      expect(bytesIn(values)).toEqual(published(large));
    }
  }
});

test("removals of labels that no part has give the same parts a later number", async () => {
  const nobody = await publishedParts([encodeLoggedSet({ removals: ["nobody"] })]);
  const { bucket, values } = bucketWith(nobody);
  const before = await current(values);
  const run = await compactorWith({ maxDelta: 2 }).run(bucket);
  expect(run).toMatchObject({ outcome: "published", sequence: 1, report: { compactedParts: 0 } });
  expect(await current(values)).toMatchObject({
    parts: before.parts,
    statistics: before.statistics,
    log: { sequence: 1 },
  });
});

test("parts without labels are refused", async () => {
  const { bucket } = bucketWith(await publishedParts(undefined, false));
  await expect(compactor.run(bucket)).rejects.toThrow(
    "version old takes no changes: its parts have no labels, which say where a change goes: build them with labels",
  );
});
