import { expect, test } from "vitest";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { LastSets } from "../../../src/publication/segments/last-sets.ts";
import { ReadMetadata } from "../../../src/publication/segments/read-metadata.ts";
import { SEGMENT_SETS } from "../../../src/publication/segments/segment.ts";
import { fated, memorySegments } from "./memory-segments.ts";
import { openLog } from "./open-log.ts";

// The memory of a process for metadata in a log in segments. test/live/log/segment-metadata.test.ts compares answers with a Map.

const upsert = (metadata: Readonly<Record<string, object>>, dim = 1): Uint8Array => {
  const labels = Object.keys(metadata);
  const rows = new Float32Array(labels.length * dim);
  return encodeLoggedSet({ upserts: { labels, rows, metadata: labels.map((label) => metadata[label]) as never } });
};

test("a process keeps the last sets of as many classes as have room", () => {
  const [room, length] = [2 ** 20, 1000];
  const sets = new LastSets(room);
  const names = Array.from({ length: 2000 }, (_, i) => String(i).padEnd(length, "x"));
  for (const [i, name] of names.entries()) {
    sets.note(name, i + 1, i % 2 === 0);
    sets.note(names[0] as string, i + 1, true); // one that is named again and again stays
  }
  const known = names.filter((name) => sets.of(name) !== undefined);
  expect(known.length * 2 * length).toBeLessThanOrEqual(room);
  expect(known.length * 2 * length).toBeGreaterThan(0.8 * room);
  expect(known).toEqual([names[0], ...names.slice(sets.dropped)]);
  expect([sets.of(names[0] as string), sets.of(names[1998] as string), sets.of(names[1999] as string)]).toEqual([
    2000, 1999, -2000,
  ]);
  sets.forget(1990);
  expect(names.filter((name) => sets.of(name) !== undefined)).toEqual([names[0], ...names.slice(1990)]);
});

test("metadata that were read are kept for the classes that were asked for last, as many as have room", () => {
  const [room, length] = [2 ** 18, 1000];
  const read = new ReadMetadata(room);
  const given = (i: number) => ({ text: String(i).padEnd(length, "x") });
  const knows = (i: number, sequence = i + 1): boolean => read.of(`class ${i}`, sequence) !== undefined;
  for (let i = 0; i < 500; i++) {
    read.keep(`class ${i}`, i + 1, given(i));
    expect(read.of("class 0", 1)).toEqual(given(0)); // one that is asked for again and again stays
  }
  const known = Array.from({ length: 500 }, (_, i) => i).filter((i) => knows(i));
  expect(known.length * 2 * length).toBeLessThanOrEqual(room);
  expect(known.length * 2 * length).toBeGreaterThan(0.8 * room);
  expect(known).toEqual([0, ...Array.from({ length: known.length - 1 }, (_, i) => 501 - known.length + i)]);
  expect(knows(499, 7)).toBe(false);
  read.keep("class 499", 600, given(1));
  expect([knows(499), read.of("class 499", 600)]).toEqual([false, given(1)]);
});

test("a set is read once for the metadata of a class, until another one gives it some", async () => {
  const store = memorySegments();
  const { log } = openLog(store);
  await log.append(upsert({ a: { text: "old" }, b: { text: "b" } }));
  const reads: string[] = [];
  const other = openLog(
    fated(store, (call, key) => {
      if (call === "get") reads.push(key);
      return "made";
    }),
  ).log;
  const find = async () => {
    reads.length = 0;
    return { found: await other.metadata?.(["a"]), sets: reads.filter((key) => key.endsWith("1.set")).length };
  };
  await other.metadata?.([]);
  expect(await find()).toEqual({ found: [{ text: "old" }], sets: 1 });
  expect(await find()).toEqual({ found: [{ text: "old" }], sets: 0 });
  await log.append(upsert({ a: { text: "new" } }));
  expect((await find()).found).toEqual([{ text: "new" }]);
  await log.append(encodeLoggedSet({ removals: ["a"] }));
  expect((await find()).found).toEqual([null]);
});

test("metadata of classes for which there is no room are sought, a segment at a time", async () => {
  const store = memorySegments();
  const { log } = openLog(store);
  const count = 3 * SEGMENT_SETS;
  const name = (i: number): string => `class ${i}`.padEnd(100, "x");
  for (let i = 0; i < count; i++) await log.append(upsert({ [name(i)]: { i }, [name(i % 7)]: { again: i } }));
  await log.append(encodeLoggedSet({ removals: [name(20)] }));
  let reads = 0;
  const counted = fated(store, (call) => {
    if (call === "get") reads++;
    return "made";
  });
  const small = openLog(counted, Date.now, { lastSetsBytes: 5000 }).log;
  const find = (...ids: number[]) => small.metadata?.(ids.map(name));
  const readsOf = async (i: number, expected: object | null): Promise<number> => {
    expect(await find(i)).toEqual([expected]);
    const before = reads;
    expect(await find(i)).toEqual([expected]);
    return reads - before;
  };
  expect(await readsOf(count - 1, { i: count - 1 })).toBe(1); // the next set: that of the class was read before
  expect(await readsOf(3, { again: 185 })).toBe(1);
  expect(await readsOf(20, null)).toBe(1);
  for (const [i, expected] of [
    [30, { i: 30 }],
    [count + 1, null],
  ] as const) {
    const sought = await readsOf(i, expected);
    expect(sought).toBeGreaterThan(2);
    expect(sought).toBeLessThan(20); // segments, not sets
  }
  expect(await find(30, 20, 8, count - 1)).toEqual([{ i: 30 }, null, { i: 8 }, { i: count - 1 }]);
});

test("large sets are read one after the other, so that few are in memory", async () => {
  const store = memorySegments();
  const { log } = openLog(store);
  const labels = Array.from({ length: 3 }, (_, i) => `class ${i}`);
  for (const label of labels) {
    const others = Array.from({ length: 1499 }, (_, i) => [`${label} ${i}`, { i }]);
    await log.append(upsert({ [label]: { label }, ...Object.fromEntries(others) }, 1500));
  }
  let [open, most] = [0, 0];
  const slow: typeof store = {
    ...store,
    async get(key) {
      most = Math.max(most, ++open);
      const stored = await store.get(key);
      open--;
      return stored;
    },
  };
  const other = openLog(slow).log;
  await other.metadata?.(["class 0"]);
  most = 0;
  expect(await other.metadata?.(labels)).toEqual(labels.map((label) => ({ label })));
  expect(most).toBe(1);
});
