import { folderOf } from "../../publication/pointer.ts";
import { marksKey, type PruningMarks } from "../../publication/pruning.ts";
import { changeMarks, type ReadMarks, readMarks, writeMarks } from "../../publication/publishing/pruning-marks.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import type { ProgressEvent } from "../output/progress.ts";
import { namedKeys } from "./named-keys.ts";
import type { Listed, Store } from "./store.ts";
import { clockOf, requireClock } from "./store-clock.ts";

export interface PruneOptions {
  /** The number of versions before the current one that stay. */
  readonly keep: number;
  /** Seconds for which a value must have been marked before it is deleted. */
  readonly graceSeconds: number;
  /** True to list the values without deleting any. */
  readonly isDryRun?: boolean;
  /** The clock of this machine in ms. Default: the system's clock. */
  readonly now?: () => number;
  /** Called before each value is deleted. If it throws, the next prune goes on. */
  readonly onStep?: (step: ProgressEvent) => void;
}

export interface Pruned {
  /** The versions that stay. */
  readonly kept: readonly string[];
  /** The values that were deleted, or would be, in this order. */
  readonly deleted: readonly string[];
  /** The values that nothing names, which a later prune deletes. */
  readonly marked: readonly string[];
}

/** The values that publications write. Nothing else is ever deleted. */
const PUBLISHED = /^(versions\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.json|parts\/[0-9a-f]{64})$/;

/** A prune that has not renewed its claim for this long was killed. One that is alive renews it twice in this time. */
const LEASE_MS = 600_000;
/** Clocks of machines that prune differ by less. A claim that is further ahead was made by a wrong clock. */
const MOST_AHEAD_MS = 3_600_000;

/**
 * Deletes versions that are not among the kept ones, and parts that no kept version names, once they have been marked for the
 * grace time (src/publication/pruning.ts). Pointers of versions go before parts, and named values are never touched, so a prune
 * may be killed at any time, and a later one goes on.
 *
 * @throws Error if nothing was published, if a pointer cannot be read, if the clock must be wrong, or if a publication or another
 *   prune came first
 */
export async function prune(store: Store, pointerKey: string, options: PruneOptions): Promise<Pruned> {
  const { keep, graceSeconds, isDryRun = false } = options;
  const read = await readMarks(store, pointerKey);
  const { keys: named, versions } = await namedKeys(store, pointerKey, keep);
  const published = await publishedValues(store, pointerKey);
  const now = await clockOf(store, options.now ?? Date.now);
  const time = now();
  requireClock(store, published, time, graceSeconds);
  // A mark of the future, which a wrong clock has set, counts from now on.
  const since = (key: string): string => {
    const at = read.marks.marked[key];
    return at !== undefined && Date.parse(at) <= time ? at : new Date(time).toISOString();
  };
  const begun = new Set(read.marks.deleting);
  // A mark that is older than its value was made by a clock that was behind.
  const isDue = ({ key, writtenAt = 0 }: Listed): boolean =>
    begun.has(key) || time - Math.min(time, Math.max(writtenAt, Date.parse(since(key)))) >= 1000 * graceSeconds;
  const unnamed = published.filter(({ key }) => !named.has(key));
  const deleted = unnamed.filter(isDue).map(({ key }) => key);
  const marked = unnamed.filter((value) => !isDue(value)).map(({ key }) => key);
  const result = { kept: [...versions], deleted, marked };
  if (isDryRun) return result;
  requireAlone(store, pointerKey, read, time);
  const deletingSince = deleted.length > 0 ? new Date(time).toISOString() : "";
  const marks = {
    marked: Object.fromEntries(marked.map((key) => [key, since(key)])),
    deleting: deleted,
    deletingSince,
  };
  if (!(await writeMarks(store, pointerKey, marks, read))) {
    throw new Error(`${overtaken(store, pointerKey)}: run it again`);
  }
  if (deleted.length > 0) await deleteKeys(store, pointerKey, marks, { ...options, now });
  return result;
}

const overtaken = (store: Store, pointerKey: string): string =>
  `a publication or another prune came first: ${placeOf(store, marksKey(pointerKey))}`;

/** Lists the values that publications write, by keys relative to the folder: versions before parts. */
async function publishedValues(store: Store, pointerKey: string): Promise<Listed[]> {
  const folder = folderOf(pointerKey);
  const [versions, parts] = [await store.list(`${folder}versions/`), await store.list(`${folder}parts/`)];
  const values = [...versions, ...parts].map(({ key, ...more }) => ({ key: key.slice(folder.length), ...more }));
  return values.filter(({ key }) => PUBLISHED.test(key));
}

function requireAlone(store: Store, pointerKey: string, { marks: { deletingSince } }: ReadMarks, time: number): void {
  const age = time - Date.parse(deletingSince);
  if (deletingSince === "" || age >= LEASE_MS || age <= -MOST_AHEAD_MS) return;
  const place = placeOf(store, marksKey(pointerKey));
  throw new Error(
    `${place}: another prune was deleting at ${deletingSince}: if it was killed, run this ${LEASE_MS / 60_000} minutes after that`,
  );
}

/** Deletes the values named in the marks. It renews its claim meanwhile, so that no other prune takes it for a killed one. */
async function deleteKeys(
  store: Store,
  pointerKey: string,
  { deleting, deletingSince }: PruningMarks,
  { now, onStep = () => {} }: PruneOptions & { readonly now: () => number },
): Promise<void> {
  let claimed = deletingSince;
  const renew = async (change: Partial<PruningMarks>): Promise<void> => {
    await changeMarks(store, pointerKey, (marks) => {
      if (marks.deletingSince === claimed) return { ...marks, ...change };
      throw new Error(`${overtaken(store, pointerKey)}: it took longer than it may`);
    });
    claimed = change.deletingSince ?? claimed;
  };
  for (const [done, key] of deleting.entries()) {
    onStep({ phase: "delete", done, total: deleting.length });
    if (now() - Date.parse(claimed) >= LEASE_MS / 2) await renew({ deletingSince: new Date(now()).toISOString() });
    await store.remove(folderOf(pointerKey) + key);
  }
  await renew({ deleting: [], deletingSince: "" });
}
