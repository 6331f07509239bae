import { expect, test } from "vitest";
import { SEGMENT_SETS } from "../../../src/publication/segments/segment.ts";
import { memorySegments } from "./memory-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

const PAGE = 4096;

/** Reads a log of sets of a size, a page at a time. Returns the sets and bytes that it reads of the store, and the most of a page. */
async function readOf(count: number, length: number) {
  const store = memorySegments();
  const { log: writer } = openLog(store);
  for (let i = 0; i < count; i++) await writer.append(setOf(String(i), length));
  let [gets, bytes, before, most] = [0, 0, 0, 0];
  const { log } = openLog({
    ...store,
    async get(key) {
      const found = await store.get(key);
      if (found) gets++;
      bytes += found?.bytes.byteLength ?? 0;
      return found;
    },
  });
  const read = log.read.bind(log);
  const paged = Object.assign(Object.create(log), {
    async read(after: number) {
      before = bytes;
      const page = await read(after, PAGE);
      most = Math.max(most, bytes - before);
      return page;
    },
  });
  expect(await readAll(paged)).toHaveLength(count);
  return { gets, bytes, most };
}

test("sets that are larger than a page are each read once, and one at a time", async () => {
  const { gets, most } = await readOf(20, 2 * PAGE);
  expect(gets).toBe(20);
  expect(most).toBeLessThan(2.2 * PAGE);
});

test("sets of a quarter of a page are read together, about as many as a page has", async () => {
  const { gets, most } = await readOf(40, PAGE / 4);
  expect(gets).toBeLessThan(60);
  expect(most).toBeLessThan(1.6 * PAGE);
});

test("sets that are too large for one segment are not read to find that out", async () => {
  const store = memorySegments();
  let bytes = 0;
  const { log, settled } = openLog({
    ...store,
    async get(key) {
      const found = await store.get(key);
      bytes += found?.bytes.byteLength ?? 0;
      return found;
    },
  });
  const set = new Uint8Array(2 ** 20);
  for (let i = 0; i < SEGMENT_SETS; i++) await log.append(set);
  await settled();
  expect([...store.values.keys()].filter((key) => key.endsWith(".sets"))).toEqual([]);
  expect(bytes).toBeLessThan(6 * set.length);
});
