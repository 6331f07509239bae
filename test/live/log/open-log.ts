import { expect } from "vitest";
import { decodeLoggedSet, encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import { SegmentLog, type SegmentLogOptions } from "../../../src/publication/segments/segment-log.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";

/** A set of one class with this label, with rows of about so many bytes. */
export const setOf = (name: string, length = 4): Uint8Array =>
  encodeLoggedSet({ upserts: { labels: [name], rows: new Float32Array(length / 4) } });
const nameOf = (bytes: Uint8Array): string => decodeLoggedSet(bytes).upserts?.labels[0] as string;

/** Opens the log as a process of its own does, and collects what it does behind the answers. */
export function openLog(store: SegmentStore, now: () => number = Date.now, options: SegmentLogOptions = {}) {
  const work: Promise<unknown>[] = [];
  const log = new SegmentLog(store, "words/log/", { now, keepAlive: (each) => work.push(each), ...options });
  return { log, settled: () => Promise.all(work) };
}

/** Reads all sets behind a number, a page at a time. */
export async function readAll(log: ChangeLog, after = 0, maxBytes?: number): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const { sets, head } = await log.read(after + names.length, maxBytes);
    for (const { sequence, bytes } of sets) {
      expect(sequence).toBe(after + names.length + 1);
      names.push(nameOf(bytes));
    }
    if (after + names.length >= head) return names;
    expect(sets.length).toBeGreaterThan(0);
  }
}
