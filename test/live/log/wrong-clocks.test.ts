import { expect, test } from "vitest";
import { KEY_LIFE_MS } from "../../../src/publication/change-log.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { memorySegments } from "./memory-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

// A log in segments whose processes have clocks that are set back, or were wrong once, and what is left of calls that ended early.

const HOUR = 3_600_000;
const YEAR = 365 * KEY_LIFE_MS;

test("a trim by a clock that was a year ahead does not keep later ones from removing sets", async () => {
  const store = memorySegments();
  let now = 1e12;
  const open = (shift = 0) => openLog(store, () => now + shift).log;
  for (let i = 0; i < 9; i++) await open().append(setOf(`set ${i}`));
  await open(YEAR).trim(3);
  await open().trim(3);
  now += KEY_LIFE_MS;
  await open().trim(3);
  expect([...store.values.keys()].filter((key) => key.endsWith(".set"))).toHaveLength(6);
  await open().trim(6);
  now += KEY_LIFE_MS;
  await open().trim(6);
  expect([...store.values.keys()].filter((key) => key.endsWith(".set"))).toHaveLength(3);
});

test("a writer whose clock was set back takes no number that was removed", async () => {
  const store = memorySegments();
  let [now, shift] = [1e12, 0];
  const { log } = openLog(store, () => now + shift);
  const other = openLog(store, () => now).log;
  await log.append(setOf("first"));
  shift = -30 * HOUR;
  for (let i = 2; i <= 10; i++) await other.append(setOf(`set ${i}`));
  await other.trim(9);
  now += KEY_LIFE_MS;
  await other.trim(9);
  expect((await log.append(setOf("next"))).sequence).toBe(11);
  expect(await readAll(openLog(store, () => now).log, 9)).toEqual(["set 10", "next"]);
});

test.each([false, true])(
  "claims of calls that appended nothing are removed by a later trim (all at once: %s)",
  async (removesAll) => {
    const store = memorySegments();
    let now = 1e12;
    const log = new SegmentLog(store, "words/log/", { now: () => now, removesAll });
    for (let i = 0; i < 3; i++) await log.append(setOf(`set ${i}`), { key: `made ${i}` });
    for (let i = 0; i < 3; i++) {
      const refused = log.append(setOf("x"), { key: `refused ${i}`, after: 0, room: 1 });
      await expect(refused).rejects.toMatchObject({ name: "UnseenSetsError" });
    }
    const claims = () => [...store.values.keys()].filter((key) => key.includes("/keys/")).length;
    now += KEY_LIFE_MS - 1;
    await log.trim(1);
    expect(claims()).toBe(6);
    expect(await log.append(setOf("set 2"), { key: "made 2" })).toEqual({ sequence: 3, isReplay: true });
    now += KEY_LIFE_MS;
    await log.append(setOf("late"), { key: "late" });
    await log.trim(1);
    expect(claims()).toBe(1);
  },
);

test("a claim stays for a repeated call to a process whose clock is ten minutes behind", async () => {
  const store = memorySegments();
  const midnight = 12_000 * KEY_LIFE_MS;
  const call = { key: "late", after: 0, room: 1 };
  const at = (now: number) => openLog(store, () => now).log;
  for (const name of ["a", "b"]) await at(midnight - 2).append(setOf(name));
  await expect(at(midnight - 1).append(setOf("x"), call)).rejects.toMatchObject({ name: "UnseenSetsError" });
  const claims = () => [...store.values.keys()].filter((key) => key.includes("/keys/")).length;
  await at(midnight + KEY_LIFE_MS + HOUR / 6 - 1).append(setOf("c"), { key: "newer" });
  await at(midnight + KEY_LIFE_MS + HOUR / 6 - 1).trim(1);
  expect(claims()).toBe(2);
  await at(midnight + KEY_LIFE_MS + HOUR / 6).trim(1);
  expect(claims()).toBe(1);
});

test("a trim by a clock two days behind does not remove sets that another process takes for the end", async () => {
  const store = memorySegments();
  let now = 1e12;
  const open = (shift = 0) => openLog(store, () => now + shift).log;
  const idle = open();
  await idle.append(setOf("set 1"));
  for (let i = 2; i <= 4; i++) await open().append(setOf(`set ${i}`));
  await open().trim(2);
  now += 2 * HOUR;
  await idle.read(0); // it looks at the numbers, and takes set 4 for the last one
  for (let i = 5; i <= 10; i++) await open().append(setOf(`set ${i}`));
  await open(-2 * KEY_LIFE_MS).trim(9);
  await open().trim(9);
  expect((await idle.append(setOf("next"))).sequence).toBe(11);
  now += KEY_LIFE_MS + HOUR;
  await open().trim(9);
  await open().trim(9);
  now += KEY_LIFE_MS;
  await open().trim(9);
  expect([...store.values.keys()].filter((key) => key.endsWith(".set"))).toHaveLength(2);
});

test("a trim by a clock that is days ahead leaves the claims of others, and repeated calls append nothing", async () => {
  const store = memorySegments();
  const open = (shift = 0) => openLog(store, () => 1e12 + shift).log;
  for (const name of ["a", "b"]) await open().append(setOf(name), { key: name });
  await open(3 * KEY_LIFE_MS).trim(0);
  expect(await open().append(setOf("a"), { key: "a" })).toEqual({ sequence: 1, isReplay: true });
});
