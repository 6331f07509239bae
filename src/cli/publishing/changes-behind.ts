import { roomFor } from "../../../worker/live/changing.ts";
import { defaultRoom } from "../../../worker/live/default-room.ts";
import { heapOfChanges } from "../../../worker/live/heap-of-changes.ts";
import { ISOLATE_BYTES } from "../../memory/load-options.ts";
import type { ChangeLog } from "../../publication/change-log.ts";
import { labelsBehind } from "../../publication/labels-behind.ts";
import { isManifest, type Published, sequenceOf } from "../../publication/publishing/current.ts";
import { partsOf } from "../../publication/publishing/published-facts.ts";
import type { Store } from "./store.ts";

/** The changes that a version lacks, and what a service does with so many. */
export interface ChangesBehind {
  /** The number of labels that they add or replace. */
  readonly changedLabels: number;
  /** Undefined if writers have room left by default. */
  readonly note?: string;
}

/**
 * Counts the labels of the changes behind a version that is to be current again. A service reads all of them from the log, beyond the
 * room that writers have.
 *
 * @throws Error if a Worker has too little memory for that
 */
export async function changesBehind(
  store: Store,
  pointerKey: string,
  target: Published,
  log: Pick<ChangeLog, "read">,
): Promise<ChangesBehind> {
  const { version, facts } = target;
  const changedLabels = await labelsBehind(log, sequenceOf(target));
  // The largest type of rows, which has the least room.
  if (!facts || changedLabels <= defaultRoom({ dim: facts.dim, rows: "f32" })) return { changedLabels };
  if (!isManifest(target)) {
    const { loadAsWorker } = await import("./load-as-worker.ts"); // only this needs the kernels
    const source = partsOf(store, pointerKey, target);
    const maxDelta = roomFor(changedLabels);
    const limits = { maxDelta, maxBytes: Math.max(1, ISOLATE_BYTES - heapOfChanges(maxDelta)) };
    await loadAsWorker(source, limits).catch((error: Error) => {
      if (error.name !== "RangeError") throw error;
      throw new Error(
        `the log has changes of ${changedLabels} labels behind version ${version}, and a Worker has no memory for it with so many: ` +
          `${error.message}: build a new index of the whole table and publish it with midx publish --sequence, or pass --force if ` +
          "processes serve it",
      );
    });
  }
  const room = isManifest(target) ? "--max-delta or maxDelta of each part" : "MAX_DELTA or --max-delta";
  const refusing = isManifest(target) ? " Parts at other hosts that have no room for theirs refuse the version." : "";
  return {
    changedLabels,
    note:
      `the log has changes of ${changedLabels} labels behind version ${version}, which services apply to it. Beyond ${room} they ` +
      `take no new labels (507 delta_full) until midx compact makes a version that has them.${refusing}`,
  };
}
