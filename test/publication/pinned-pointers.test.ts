import { beforeEach, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { compactPublished } from "../../src/cli/compacting/compact-published.ts";
import { publish } from "../../src/cli/publishing/publish.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import { sealManifest, serialiseManifest } from "../../src/publication/manifest.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { createCompactor } from "../../worker/compactor.ts";
import { type SegmentBucket, valuesInBucket } from "../../worker/publication/values-in-bucket.ts";
import { memoryStore } from "../cli/publishing/memory-store.ts";
import { bucketWith } from "../compactor/bucket.ts";
import { type PublishedOld, publishedOld } from "../compactor/published.ts";
import { memorySegments } from "../live/log/memory-segments.ts";

// A pointer beside the current one can be served, so the log keeps what its version needs.

const POINTER = "words/current.json";
const PINNED = "words/pinned.json";
const old: Promise<PublishedOld> = publishedOld();
let values: Map<string, Uint8Array<ArrayBuffer>>;
beforeEach(async () => {
  values = new Map((await old).values);
});
const removal = (label: string) => encodeLoggedSet({ removals: [label] });

describe("midx compact", () => {
  let mark: Uint8Array | undefined;
  const trims = async (pins: boolean): Promise<number[]> => {
    const [store, segments] = [memoryStore(), memorySegments()];
    for (const [key, bytes] of values) store.values.set(key, bytes);
    if (pins) store.values.set(PINNED, values.get(POINTER) as Uint8Array<ArrayBuffer>);
    const log = new SegmentLog(segments, "log/");
    const trimmed: number[] = [];
    for (const label of ["item 1", "item 2", "item 3"]) {
      await log.append(removal(label));
      const compacted = await compactPublished(store, POINTER, log, {
        compact: { calibrate: "carry" },
        onStep: () => {},
      });
      trimmed.push(compacted.trimmed);
    }
    mark = store.values.get("words/current.trimmed.json");
    return trimmed;
  };

  test("notes how far the log is trimmed, whatever was noted of another log", async () => {
    await trims(true);
    expect(mark).toBeUndefined();
    values.set("words/current.trimmed.json", new TextEncoder().encode('{"upTo":41}\n'));
    await trims(false);
    expect(new TextDecoder().decode(mark)).toBe('{"upTo":2}\n');
  });

  test("keeps the changes that a pointer beside the current one needs", async () => {
    expect(await trims(false)).toEqual([0, 1, 2]);
    expect(await trims(true)).toEqual([0, 0, 0]);
  });

  test("takes no manifest for one that a build has left there", async () => {
    const part = { number: 0, file: "part-0.midx", sha256: "0".repeat(64), byteLength: 9, classes: 9, idBase: 0 };
    const built = await sealManifest({
      ...{ version: "built", classes: 9, facts: { dim: 8, metric: "dot", hasLabels: true } },
      ...{ parts: [{ ...part, memoryBytes: 9 }], recallCurves: null, calibration: null, log: null },
    });
    values.set("words/manifest.json", new Uint8Array(new TextEncoder().encode(serialiseManifest(built))));
    expect(await trims(false)).toEqual([0, 1, 2]);
  });
});

test("a log keeps what a version needs that a rollback makes current while it is trimmed", async () => {
  const [store, segments] = [memoryStore(), memorySegments()];
  for (const [key, bytes] of values) store.values.set(key, bytes);
  const log = new SegmentLog(segments, "log/");
  const compact = async (label: string) => {
    await log.append(removal(label));
    return compactPublished(store, POINTER, log, { compact: { calibrate: "carry" }, onStep: () => {} });
  };
  const old = store.values.get(POINTER) as Uint8Array<ArrayBuffer>;
  await compact("item 1");
  const put = store.put.bind(store);
  store.put = async (key, ...written) => {
    // The mark has been written when somebody returns to the first version, whose changes the log still has.
    const isPut = await put(key, ...written);
    if (key.endsWith(".trimmed.json")) store.values.set(POINTER, old);
    return isPut;
  };
  expect((await compact("item 2")).trimmed).toBe(0);
  expect((await log.read(0)).first).toBe(1);
});

test("the compactor keeps them, too, whatever else is in the bucket", async () => {
  for (let i = 0; i < 300; i++) values.set(`words/parts/${String(i).padStart(64, "0")}`, new Uint8Array(1));
  values.set("words/versions.json", new TextEncoder().encode("{}"));
  const { bucket } = bucketWith(values);
  const log = new SegmentLog(valuesInBucket(bucket, "the bucket"), "words/log/");
  const compactor = createCompactor<SegmentBucket>({ bucket: (each) => each, log: () => log }, () => ({
    ...{ key: POINTER, maxDelta: 2 },
  }));
  const trimmed: number[] = [(await compactor.run(bucket)).trimmed];
  await log.append(removal("item 1"));
  trimmed.push((await compactor.run(bucket)).trimmed);
  await valuesInBucket(bucket, "the bucket").put(PINNED, values.get(POINTER) as Uint8Array<ArrayBuffer>, "absent");
  await log.append(removal("item 2"));
  trimmed.push((await compactor.run(bucket)).trimmed);
  expect(trimmed).toEqual([0, 2, 0]);
});

test("nothing is published in the place of a version's own pointer", async () => {
  const store = memoryStore();
  for (const [key, bytes] of values) store.values.set(key, bytes);
  const facts = { itemCount: 9, dim: 4, metric: "dot", hasLabels: true, memoryBytes: 1 } as const;
  await publish(store, POINTER, new Uint8Array(9), { version: "new", facts, isForced: true, isIncompatible: true });
  const own = "words/versions/new.json";
  const before = store.values.get(own);
  const message = `memory: ${own} is the pointer of version new for ever: name that of the current version`;
  const other = { version: "other", facts, isForced: true, isIncompatible: true };
  await expect(publish(store, own, new Uint8Array(8), other)).rejects.toThrow(message);
  await expect(rollback(store, own, { isForced: true })).rejects.toThrow();
  expect(store.values.get(own)).toEqual(before);
});
