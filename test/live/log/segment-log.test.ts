import { describe, expect, test } from "vitest";
import { type ChangeLog, KEY_LIFE_MS, KeyConflictError } from "../../../src/publication/change-log.ts";
import { encodeSegment, SEGMENT_SETS } from "../../../src/publication/segments/segment.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { SegmentNames } from "../../../src/publication/segments/segment-names.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";
import { rollUp } from "../../../src/publication/segments/upkeep.ts";
import { fated, memorySegments } from "./memory-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

const textOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Passes calls on and notes them. */
const noting = (store: SegmentStore, calls: string[]): SegmentStore =>
  fated(store, (call, key) => {
    calls.push(`${call} ${key}`);
    return "made";
  });

async function filled(count: number) {
  const store = memorySegments();
  const { log, settled } = openLog(store);
  const names = Array.from({ length: count }, (_, i) => `set ${i + 1}`);
  for (const name of names) await log.append(setOf(name));
  await settled();
  return { store, names };
}

describe("a log in segments", () => {
  test("numbers sets from 1 on, and a tail is one read of the next number", async () => {
    const { store, names } = await filled(3);
    const calls: string[] = [];
    const { log } = openLog(noting(store, calls));
    expect(await log.read(0)).toMatchObject({ head: 3, first: 1 });
    expect(await readAll(log)).toEqual(names);
    calls.length = 0;
    expect(await log.read(3)).toEqual({ sets: [], head: 3, first: 1 });
    expect(calls).toEqual(["get words/log/000000000004.set"]);
  });

  test("tells a reader that is beyond its end where that is", async () => {
    const { store } = await filled(3);
    expect(await openLog(store).log.read(7)).toEqual({ sets: [], head: 3, first: 1 });
  });

  test("gives pages of at most so many bytes, but one set at least", async () => {
    const { log } = openLog(memorySegments());
    const lengths = [700, 600, 300, 2000];
    for (const length of lengths) await log.append(setOf(String(length), length));
    const pageAfter = async (after: number): Promise<number[]> =>
      (await log.read(after, 1200)).sets.map(({ sequence }) => lengths[sequence - 1] as number);
    expect([await pageAfter(0), await pageAfter(1), await pageAfter(3)]).toEqual([[700], [600, 300], [2000]]);
    expect((await log.read(0, 1000)).head).toBe(4);
  });

  test("is read from rolled-up segments where they are, and from single sets elsewhere", async () => {
    const { store, names } = await filled(2 * SEGMENT_SETS + 5);
    const calls: string[] = [];
    const { log } = openLog(noting(store, calls));
    expect(await readAll(log)).toEqual(names);
    const reads = calls.filter((call) => call.startsWith("get "));
    expect(reads.filter((call) => call.endsWith(".sets"))).toHaveLength(3); // the third is not there yet
    expect(reads.length).toBeLessThan(25);
    expect(await readAll(openLog(store).log, 10)).toEqual(names.slice(10));
    for (const key of store.values.keys()) if (key.endsWith(".sets")) store.values.delete(key);
    expect(await readAll(openLog(store).log)).toEqual(names);
  });

  test("is rolled up only where all of its sets are there", async () => {
    const { store } = await filled(SEGMENT_SETS);
    const names = new SegmentNames("words/log/");
    for (const missing of [names.segment(1), names.set(5)]) store.values.delete(missing);
    await rollUp(store, names, 1);
    expect(store.values.has(names.segment(1))).toBe(false);
  });

  test("gives plain bytes, whatever the store gives", async () => {
    const { store } = await filled(1);
    const buffers: SegmentStore = {
      ...store,
      async get(key) {
        const found = await store.get(key);
        return found && { ...found, bytes: Buffer.from(found.bytes) };
      },
    };
    const [set] = (await openLog(buffers).log.read(0)).sets;
    expect(set?.bytes.constructor).toBe(Uint8Array);
    expect(set?.bytes).toEqual(setOf("set 1"));
  });

  test("has no number twice and none missing with several writers at once", async () => {
    const store = memorySegments();
    const logs = Array.from({ length: 4 }, () => openLog(store).log);
    const names = Array.from({ length: 40 }, (_, i) => `set ${i}`);
    const numbers = await Promise.all(
      names.map(async (name, i) => (await (logs[i % 4] as ChangeLog).append(setOf(name))).sequence),
    );
    expect([...numbers].sort((a, b) => a - b)).toEqual(names.map((_, i) => i + 1));
    const read = await readAll(openLog(store).log);
    expect(numbers.map((number) => read[number - 1])).toEqual(names);
  });

  test("says that a set is missing rather than ending before it", async () => {
    const { store } = await filled(5);
    const { log } = openLog(store);
    await log.read(4);
    store.values.delete("words/log/000000000003.set");
    await expect(log.read(2)).rejects.toThrow(
      "memory: words/log/000000000003.set is missing, and the log has sets up to 5",
    );
  });

  test("refuses a segment that is damaged or elsewhere", async () => {
    const { store } = await filled(2);
    store.values.set("words/log/000000000001.set", store.values.get("words/log/000000000002.set") as Uint8Array);
    await expect(openLog(store).log.read(0)).rejects.toThrow("expected the segment that begins with set 1");
    store.values.set("words/log/000000000001.set", textOf("{}"));
    await expect(openLog(store).log.read(0)).rejects.toThrow("expected a segment of a log");
    store.values.set("words/log/000000000001.set", encodeSegment(1, []));
    await expect(openLog(store).log.read(0)).rejects.toThrow("expected the segment that begins with set 1");
    store.values.set("words/log/kept.json", textOf("{}"));
    await expect(openLog(store).log.read(0)).rejects.toThrow("kept.json: expected JSON with first, removed");
  });
});

describe("the keys of a log in segments", () => {
  test("give the number of the first call, to other processes and after other sets too", async () => {
    const { store } = await filled(2);
    const call = { key: "a", writer: "w" };
    expect(await openLog(store).log.append(setOf("x"), call)).toEqual({ sequence: 3, isReplay: false });
    await openLog(store).log.append(setOf("y"));
    expect(await openLog(store).log.append(setOf("x"), call)).toEqual({ sequence: 3, isReplay: true });
    expect(await openLog(store).log.append(setOf("x"), { ...call, writer: "v" })).toMatchObject({ isReplay: false });
    await expect(openLog(store).log.append(setOf("z"), call)).rejects.toThrow(KeyConflictError);
  });

  test("find the set of the first call behind those that overtook it", async () => {
    const store = memorySegments();
    let isOvertaken = false;
    const slow: SegmentStore = {
      ...store,
      async put(key, bytes, condition) {
        if (key.endsWith(".set") && !isOvertaken) {
          isOvertaken = true;
          await openLog(store).log.append(setOf("y"));
        }
        return store.put(key, bytes, condition);
      },
    };
    expect(await openLog(slow).log.append(setOf("x"), { key: "a" })).toEqual({ sequence: 2, isReplay: false });
    await openLog(store).log.append(setOf("z"));
    expect(await openLog(store).log.append(setOf("x"), { key: "a" })).toEqual({ sequence: 2, isReplay: true });
    expect(await readAll(openLog(store).log)).toEqual(["y", "x", "z"]);
  });

  test("are kept through a trim and end after 24 hours", async () => {
    const store = memorySegments();
    let now = 1e12;
    const { log } = openLog(store, () => now);
    const call = { key: "a", writer: "w" };
    await log.append(setOf("x"), call);
    await log.trim(1);
    now += KEY_LIFE_MS - 1;
    expect(await log.append(setOf("x"), call)).toEqual({ sequence: 1, isReplay: true });
    now += 1;
    expect(await log.append(setOf("x"), call)).toEqual({ sequence: 2, isReplay: false });
  });

  test("are found by a process whose clock has not come to the day of the first call yet", async () => {
    const store = memorySegments();
    const midnight = 11_574 * KEY_LIFE_MS;
    const call = { key: "a", writer: "w" };
    await openLog(store, () => midnight + 1000).log.append(setOf("x"), call);
    const behind = openLog(store, () => midnight - 60_000).log;
    expect(await behind.append(setOf("x"), call)).toEqual({ sequence: 1, isReplay: true });
    await expect(behind.append(setOf("y"), call)).rejects.toThrow(KeyConflictError);
  });

  test("append once, whenever two calls with one key are killed, and whatever they overtake", async () => {
    for (let dies = 0; dies < 12; dies++) {
      for (const fate of ["failed", "lost"] as const) {
        const { store } = await filled(1);
        let calls = 0;
        const mortal = openLog(fated(store, () => (calls++ === dies ? fate : "made"))).log;
        const call = { key: "a", writer: "w" };
        const killed = mortal.append(setOf("x"), call).catch((error: unknown) => error);
        const others = [openLog(store).log.append(setOf("y")), openLog(store).log.append(setOf("x"), call)];
        await Promise.all([killed, ...others]);
        await openLog(store).log.append(setOf("x"), call);
        expect((await readAll(openLog(store).log)).sort(), `${fate} at ${dies}`).toEqual(["set 1", "x", "y"]);
      }
    }
  });
});

describe("a trim", () => {
  test("tells readers that they are behind, and keeps the numbers", async () => {
    const { store } = await filled(5);
    const { log } = openLog(store);
    await log.trim(3);
    expect(await openLog(store).log.read(1)).toEqual({ sets: [], head: 5, first: 4 });
    expect(await readAll(openLog(store).log, 3)).toEqual(["set 4", "set 5"]);
    await log.trim(99);
    expect(await openLog(store).log.read(5)).toEqual({ sets: [], head: 5, first: 6 });
    expect((await openLog(store).log.append(setOf("next"))).sequence).toBe(6);
  });

  test("removes what was trimmed a day before, with its keys, and never gives a number twice", async () => {
    const store = memorySegments();
    let now = 1e12;
    const clock = () => now;
    const { log, settled } = openLog(store, clock);
    for (let i = 1; i <= SEGMENT_SETS + 2; i++) await log.append(setOf(`set ${i}`), { key: String(i) });
    await settled();
    await log.trim(SEGMENT_SETS + 1);
    const before = store.values.size;
    now += KEY_LIFE_MS - 1;
    await log.trim(SEGMENT_SETS + 1);
    expect(store.values.size).toBe(before);
    now += 1;
    await log.trim(SEGMENT_SETS + 1);
    const last = `${SEGMENT_SETS + 2}`.padStart(12, "0");
    expect([...store.values.keys()].filter((key) => !key.includes("/keys/")).sort()).toEqual(
      ["words/log/kept.json", `words/log/${last}.set`].sort(),
    );
    expect([...store.values.keys()].filter((key) => key.includes("/keys/"))).toHaveLength(1);
    expect((await openLog(store, clock).log.append(setOf("next"))).sequence).toBe(SEGMENT_SETS + 3);
  });

  test("removes the first thousand of them at a time, or all for a command", async () => {
    const store = memorySegments();
    let now = 1e12;
    const fixed = { facts: { id: "id", digest: "digest" }, bytes: setOf("fixed") };
    for (let i = 1; i <= 2100; i++) {
      store.values.set(`words/log/${String(i).padStart(12, "0")}.set`, encodeSegment(i, [fixed]));
    }
    const open = (removesAll: boolean) => new SegmentLog(store, "words/log/", { now: () => now, removesAll });
    const left = () => [...store.values.keys()].filter((key) => key.endsWith(".set")).length;
    await open(false).trim(2099);
    now += KEY_LIFE_MS;
    await open(false).trim(2099);
    expect(left()).toBe(1100);
    await open(true).trim(2099);
    expect(left()).toBe(1);
    expect(await readAll(openLog(store, () => now).log, 2099)).toEqual(["fixed"]);
  });

  test("leaves no number to a writer that slept since before it", async () => {
    const { store } = await filled(1);
    let now = 1e12;
    const clock = () => now;
    const sleeper = openLog(store, clock).log;
    await sleeper.read(1);
    const { log } = openLog(store, clock);
    for (const name of ["set 2", "set 3", "set 4"]) await log.append(setOf(name));
    await log.trim(3);
    now += KEY_LIFE_MS;
    await log.trim(3);
    expect(store.values.has("words/log/000000000002.set")).toBe(false);
    expect((await sleeper.append(setOf("x"))).sequence).toBe(5);
    expect((await sleeper.append(setOf("y"), { key: "k" })).sequence).toBe(6);
  });

  test("leaves none to a call that was killed behind its claim, and comes again when the sets from there on are gone", async () => {
    const { store } = await filled(1);
    let now = 1e12;
    const clock = () => now;
    const dying = fated(store, (call, key) => (call === "put" && key.endsWith(".set") ? "failed" : "made"));
    const sleeper = openLog(dying, clock).log;
    await sleeper.read(1);
    const { log } = openLog(store, clock);
    for (const name of ["set 2", "set 3", "set 4"]) await log.append(setOf(name));
    await log.trim(3);
    now += 60_000; // it does not know of the trim
    await expect(sleeper.append(setOf("x"), { key: "k" })).rejects.toThrow();
    now += KEY_LIFE_MS - 30_000;
    await log.trim(3);
    expect(store.values.has("words/log/000000000002.set")).toBe(false);
    expect((await openLog(store, clock).log.append(setOf("x"), { key: "k" })).sequence).toBe(5);
  });

  test("leaves none either where it was killed between removing sets and noting that", async () => {
    const { store } = await filled(1);
    let now = 1e12;
    const clock = () => now;
    const sleeper = openLog(store, clock).log;
    await sleeper.read(1);
    for (const name of ["set 2", "set 3", "set 4"]) await openLog(store, clock).log.append(setOf(name));
    await openLog(store, clock).log.trim(3);
    now += KEY_LIFE_MS;
    const dying = fated(store, (call, key) => (call === "put" && key.endsWith("kept.json") ? "failed" : "made"));
    await expect(openLog(dying, clock).log.trim(3)).rejects.toThrow();
    expect(store.values.has("words/log/000000000002.set")).toBe(false);
    expect((await sleeper.append(setOf("x"))).sequence).toBe(5);
    expect((await openLog(store, clock).log.append(setOf("y"), { key: "k" })).sequence).toBe(6);
  });
});
