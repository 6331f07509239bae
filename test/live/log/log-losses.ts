import { beforeAll, expect, test } from "vitest";
import { SEGMENT_SETS } from "../../../src/publication/segments/segment.ts";
import { SegmentNames } from "../../../src/publication/segments/segment-names.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

/** The keys of the log of openLog. */
export const NAMES = new SegmentNames("words/log/");

/** Appends so many sets. */
export async function filled(store: SegmentStore, count: number): Promise<void> {
  const { log, settled } = openLog(store);
  for (let i = 1; i <= count; i++) await log.append(setOf(`set ${i}`));
  await settled();
}

/** Deletes sets as a rule of a bucket does, and the rolled-up segments that have any of them. */
export async function lose(store: SegmentStore, first: number, last: number): Promise<void> {
  for (let i = first; i <= last; i++) {
    await store.remove(NAMES.set(i));
    if ((i - 1) % SEGMENT_SETS === 0) await store.remove(NAMES.segment(i));
  }
}

/** The message about a set that is gone. */
export const lostSet = (sequence: number, head: number): RegExp =>
  new RegExp(
    `${NAMES.set(sequence)} is missing, and the log has sets up to ${head}: put it back, or .*--sequence ${head}`,
  );

/** The tests of every store: a log without its oldest sets. */
export function describeLosses(storeOf: () => SegmentStore): void {
  let store: SegmentStore;
  beforeAll(async () => {
    store = storeOf();
    await filled(store, 100);
    await lose(store, 1, 64);
  });

  test("is refused by name to a reader that needs them", async () => {
    await expect(openLog(store).log.read(0)).rejects.toThrow(lostSet(1, 100));
    await expect(openLog(store).log.read(30)).rejects.toThrow(lostSet(31, 100));
  });

  test("is whole to a reader that does not", async () => {
    expect(await readAll(openLog(store).log, 64)).toHaveLength(36);
    expect(await openLog(store).log.read(100)).toEqual({ sets: [], head: 100, first: 1 });
    expect(await openLog(store).log.read(101)).toMatchObject({ head: 100 });
  });

  test("goes on with its numbers", async () => {
    expect((await openLog(store).log.append(setOf("next"))).sequence).toBe(101);
  });
}
