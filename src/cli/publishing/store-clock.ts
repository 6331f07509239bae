import type { Listed, Store } from "./store.ts";

/** Clocks that differ by less than this share of the grace time, or by less than a minute, cannot do harm together. */
const SAFE_SHARE = 1 / 12;
const SAFE_MS = 60_000;

/**
 * Returns a clock that tells the time of the store: machines that prune may have different clocks, and marks are of all of them. A
 * store without one has that of this machine.
 */
export async function clockOf(store: Store, now: () => number): Promise<() => number> {
  const time = await store.time();
  const ahead = time === undefined ? 0 : time - now();
  return () => now() + ahead;
}

/** Throws an Error if a value was written long after the time of this clock, which therefore cannot tell how old a mark is. */
export function requireClock(store: Store, values: readonly Listed[], time: number, graceSeconds: number): void {
  const safe = Math.max(SAFE_MS, 1000 * graceSeconds * SAFE_SHARE);
  const newest = values.reduce((most, value) => ((value.writtenAt ?? 0) > (most.writtenAt ?? 0) ? value : most), NONE);
  if ((newest.writtenAt ?? 0) <= time + safe) return;
  const [written, now] = [newest.writtenAt as number, time].map((ms) => new Date(ms).toISOString());
  throw new Error(
    `${store.name}: the clock says ${now}, but ${newest.key} was written at ${written}, and a wrong clock deletes what others ` +
      "need: set it right, or write that file again if its time is wrong",
  );
}

const NONE: Listed = { key: "" };
