import { expect, test } from "vitest";
import {
  type ChangeLog,
  KeyConflictError,
  OtherLogError,
  UnseenSetsError,
} from "../../../src/publication/change-log.ts";
import { EVERY } from "../../run/size.ts";
import { readAll, setOf } from "./open-log.ts";

/**
 * What every log promises, wherever it is kept.
 *
 * @param open opens a log, the same one for the same name, as a process of its own does
 * @param isAtomic the store checks a condition and writes in one step, as all but servers for tests do
 */
export function describeLogPromises(open: (name: string) => Promise<ChangeLog>, isAtomic = true): void {
  test("sets come back in their order and in pages, to any process", async () => {
    const log = await open("pages");
    const names = Array.from({ length: 9 }, (_, i) => `set ${i + 1}`);
    for (const [i, name] of names.entries()) {
      expect(await log.append(setOf(name, 4 + 300 * i))).toEqual({ sequence: i + 1, isReplay: false });
    }
    const other = await open("pages");
    expect(await readAll(other, 0, 2000)).toEqual(names);
    expect(await other.read(9)).toEqual({ sets: [], head: 9, first: 1 });
    expect((await other.read(2, 1)).sets).toHaveLength(1);
  });

  test.runIf(isAtomic)("writers at once take all numbers, and each its own", async () => {
    const logs = [await open("writers"), await open("writers")] as const;
    const count = EVERY ? 16 : 8;
    const names = Array.from({ length: count }, (_, i) => `set ${i}`);
    const appended = await Promise.all(names.map((name, i) => logs[i < count / 2 ? 0 : 1].append(setOf(name))));
    const numbers = appended.map(({ sequence }) => sequence);
    expect([...numbers].sort((a, b) => a - b)).toEqual(names.map((_, i) => i + 1));
    const read = await readAll(await open("writers"));
    expect(numbers.map((number) => read[number - 1])).toEqual(names);
  });

  test("a key stands for one call of its writer", async () => {
    const log = await open("keys");
    const call = { key: "a/ü", writer: "w" };
    expect(await log.append(setOf("x"), call)).toEqual({ sequence: 1, isReplay: false });
    expect(await log.append(setOf("y"), { ...call, writer: "v" })).toEqual({ sequence: 2, isReplay: false });
    expect(await (await open("keys")).append(setOf("x"), call)).toEqual({ sequence: 1, isReplay: true });
    await expect(log.append(setOf("z"), call)).rejects.toMatchObject({ name: new KeyConflictError("").name });
  });

  test("a digest of what was asked for tells calls with one key apart, whatever their sets", async () => {
    const log = await open("digests");
    const call = { key: "k", writer: "w", digest: "asked" };
    expect(await log.append(setOf("x"), call)).toEqual({ sequence: 1, isReplay: false });
    expect(await log.append(setOf("y"), call)).toEqual({ sequence: 1, isReplay: true });
    await expect(log.append(setOf("x"), { ...call, digest: "else" })).rejects.toMatchObject({
      name: new KeyConflictError("").name,
    });
  });

  test("the set of an earlier call is found by its key, and nothing is appended", async () => {
    const log = await open("found");
    const call = { key: "a/ü", writer: "w", digest: "asked" };
    expect(await log.find?.(call)).toBe(undefined);
    await log.append(setOf("x"));
    await log.append(setOf("y"), call);
    await log.append(setOf("z"));
    const other = await open("found");
    expect([await other.find?.(call), await other.find?.({ ...call, key: "b" })]).toEqual([2, undefined]);
    expect(await other.find?.({ ...call, writer: "v" })).toBe(undefined);
    await expect(other.find?.({ ...call, digest: "else" })).rejects.toMatchObject({
      name: new KeyConflictError("").name,
    });
    expect(await other.read(0)).toMatchObject({ head: 3 });
  });

  test.runIf(isAtomic)("two calls at once with one key append one set", async () => {
    const log = await open("calls");
    const both = await Promise.all(["b", "b"].map((key) => log.append(setOf("z"), { key })));
    expect(both.map(({ sequence }) => sequence)).toEqual([1, 1]);
    expect(both.map(({ isReplay }) => isReplay).sort()).toEqual([false, true]);
  });

  test("nothing of a writer that has later changes is taken", async () => {
    const log = await open("others");
    await log.append(setOf("x"), { after: 0 });
    await expect(log.append(setOf("y"), { after: 2, key: "k" })).rejects.toMatchObject({
      name: new OtherLogError(2, 1).name,
      message: expect.stringContaining("changes up to 2, and the log ends with 1"),
    });
    expect(await (await open("others")).append(setOf("y"), { after: 1 })).toEqual({ sequence: 2, isReplay: false });
    expect(await log.append(setOf("z"), { after: 2 })).toEqual({ sequence: 3, isReplay: false });
  });

  test("nothing of a writer is taken behind sets that it has not seen, where they may fill the room that it has counted on", async () => {
    const log = await open("room");
    const unseen = { name: new UnseenSetsError().name };
    for (const name of ["a", "b", "b", "c"]) await log.append(setOf(name));
    await expect(log.append(setOf("d"), { after: 0, room: 2 })).rejects.toMatchObject(unseen);
    await expect(log.append(setOf("d"), { after: 0, room: 2, key: "k" })).rejects.toMatchObject(unseen);
    await expect(log.append(setOf("d"), { after: 3, room: 0 })).rejects.toMatchObject(unseen);
    expect(await log.append(setOf("d"), { after: 0, room: 3, key: "k" })).toEqual({ sequence: 5, isReplay: false });
    expect(await log.append(setOf("d"), { after: 0, room: 3, key: "k" })).toEqual({ sequence: 5, isReplay: true });
    expect(await log.append(setOf("e"), { after: 5, room: 0 })).toEqual({ sequence: 6, isReplay: false });
    expect(await (await open("room")).append(setOf("f"), { after: 0 })).toEqual({ sequence: 7, isReplay: false });
    for (let i = 0; i < 3; i++) await log.append(new Uint8Array(600_000)); // more than a page, so they are not counted
    await expect(log.append(setOf("g"), { after: 7, room: 2999 })).rejects.toMatchObject(unseen);
    expect(await log.append(setOf("g"), { after: 7, room: 3000 })).toEqual({ sequence: 11, isReplay: false });
  });

  test("a trim forgets sets and keeps numbers", async () => {
    const log = await open("trims");
    for (const name of ["a", "b", "c"]) await log.append(setOf(name));
    await log.trim(2);
    const other = await open("trims");
    expect(await readAll(other, 2)).toEqual(["c"]);
    expect(await other.read(0)).toMatchObject({ head: 3, first: 3 });
    await other.trim(9);
    // A log that has been open since before may give trimmed sets for a while, which lets a reader finish.
    expect(await (await open("trims")).read(3)).toEqual({ sets: [], head: 3, first: 4 });
    expect(await log.append(setOf("d"))).toEqual({ sequence: 4, isReplay: false });
    expect(await readAll(await open("trims"), 3)).toEqual(["d"]);
  });
}
