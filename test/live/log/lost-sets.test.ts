import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { KEY_LIFE_MS } from "../../../src/publication/change-log.ts";
import { SEGMENT_SETS } from "../../../src/publication/segments/segment.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";
import { type S3Server, startS3 } from "../../cli/publishing/s3-server.ts";
import { ID, inBucket, SECRET } from "./log-in-bucket.ts";
import { describeLosses, filled, lose, lostSet, NAMES } from "./log-losses.ts";
import { memorySegments } from "./memory-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

const MINUTES_10 = 600_000;

describe("a log in memory whose oldest sets were deleted", () => describeLosses(memorySegments));

describe("a log in a folder whose oldest sets were deleted", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-lost-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  describeLosses(() => folderSegments(folder));
});

describe("a log in a bucket whose oldest sets were deleted", () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3("words", ID, SECRET);
  });
  afterAll(() => server.close());
  describeLosses(() => inBucket(server.url));
});

/** Trims a log, and again once the sets that it no longer needs may go. */
async function trimmed(store: SegmentStore, upTo: number): Promise<void> {
  let now = Date.now();
  const { log } = openLog(store, () => now);
  await log.trim(upTo);
  now += KEY_LIFE_MS;
  await log.trim(upTo);
}

describe("a log that has lost sets", () => {
  test("between others is refused at the first of them", async () => {
    const store = memorySegments();
    await filled(store, 20);
    await lose(store, 7, 9);
    await lose(store, 15, 15);
    await expect(openLog(store).log.read(0)).rejects.toThrow(lostSet(7, 20));
    await expect(openLog(store).log.read(9)).rejects.toThrow(lostSet(15, 20));
    expect(await readAll(openLog(store).log, 15)).toHaveLength(5);
  });

  test("and its kept numbers is refused to readers that need any that is gone", async () => {
    const store = memorySegments();
    await filled(store, 20);
    await trimmed(store, 9);
    await store.remove(NAMES.kept);
    await expect(openLog(store).log.read(3)).rejects.toThrow(lostSet(4, 20));
    expect(await readAll(openLog(store).log, 9)).toHaveLength(11);
  });

  test("but has them in a segment is read from there", async () => {
    const store = memorySegments();
    await filled(store, SEGMENT_SETS);
    for (let i = 1; i <= SEGMENT_SETS; i++) await store.remove(NAMES.set(i));
    expect(await readAll(openLog(store).log)).toHaveLength(SEGMENT_SETS);
    expect((await openLog(store).log.append(setOf("next"))).sequence).toBe(SEGMENT_SETS + 1);
  });

  test("takes no more from a writer that was there before, until they are back", async () => {
    const store = memorySegments();
    const { log } = openLog(store);
    for (const name of ["a", "b", "c"]) await log.append(setOf(name));
    const sets = await Promise.all([1, 2, 3].map((number) => store.get(NAMES.set(number))));
    await lose(store, 1, 3);
    for (let again = 0; again < 2; again++) {
      await expect(log.append(setOf("d"))).rejects.toThrow(lostSet(1, 3));
      expect(await store.has(NAMES.set(4))).toBe(false);
    }
    for (const [i, set] of sets.entries())
      await store.put(NAMES.set(i + 1), set?.bytes as Uint8Array<ArrayBuffer>, "absent");
    expect((await log.append(setOf("d"))).sequence).toBe(4);
    expect(await readAll(openLog(store).log)).toHaveLength(4);
  });

  test("that a segment has takes more from a writer that was there before", async () => {
    const store = memorySegments();
    const { log } = openLog(store);
    for (let i = 1; i <= SEGMENT_SETS; i++) await log.append(setOf(`set ${i}`));
    await lose(store, 1, SEGMENT_SETS);
    expect((await log.append(setOf("next"))).sequence).toBe(SEGMENT_SETS + 1);
  });

  test("behind the trimmed ones is refused, and trimmed ones are not missed", async () => {
    const store = memorySegments();
    await filled(store, 20);
    await trimmed(store, 9);
    expect(await readAll(openLog(store).log, 9)).toHaveLength(11);
    await lose(store, 10, 12);
    await expect(openLog(store).log.read(9)).rejects.toThrow(lostSet(10, 20));
  });

  test("is noticed by a reader that was there before, and slept", async () => {
    const store = memorySegments();
    await filled(store, 5);
    let now = Date.now();
    const { log } = openLog(store, () => now);
    await log.read(5);
    for (const name of ["set 6", "set 7"]) await openLog(store).log.append(setOf(name));
    await lose(store, 6, 6);
    now += MINUTES_10;
    await expect(log.read(5)).rejects.toThrow(lostSet(6, 7));
  });

  test("takes no set of a repeated call in the place of one of them", async () => {
    const store = memorySegments();
    const call = { key: "a", writer: "w" };
    await openLog(store).log.append(setOf("x"), call);
    await filled(store, 3);
    await lose(store, 1, 2);
    await expect(openLog(store).log.append(setOf("x"), call)).rejects.toThrow(lostSet(1, 4));
  });

  test("is trimmed beyond them, and keeps the metadata of the others", async () => {
    const store = memorySegments();
    let now = Date.now();
    const { log } = openLog(store, () => now);
    for (const label of ["a", "b", "c", "d"]) {
      const metadata = [{ text: label }] as never;
      await log.append(encodeLoggedSet({ upserts: { labels: [label], rows: [1], metadata } }));
    }
    await lose(store, 1, 1);
    await lose(store, 3, 3);
    const expected = [null, { text: "b" }, null, { text: "d" }];
    const fresh = () => openLog(store, () => now).log;
    expect(await fresh().metadata(["a", "b", "c", "d"])).toEqual(expected);
    await fresh().trim(3);
    now += KEY_LIFE_MS;
    await fresh().trim(3);
    expect(store.values.has(NAMES.set(2))).toBe(false);
    expect(await fresh().read(0)).toMatchObject({ sets: [], head: 4, first: 4 });
    expect(await fresh().metadata(["a", "b", "c", "d"])).toEqual(expected);
  });
});

test("a log that is new is empty", async () => {
  const store = memorySegments();
  expect(await openLog(store).log.read(0)).toEqual({ sets: [], head: 0, first: 1 });
  expect(await openLog(store).log.metadata(["a"])).toEqual([null]);
});
