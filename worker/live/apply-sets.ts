import { changeSetOf } from "../../src/changes/change-set-of.ts";
import { type ChangeSet, type DeltaFullError, decodeLoggedSet, type LoggedSet } from "../../src/changes/index.ts";
import type { NumberedSet } from "../../src/publication/change-log.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { COMPACTION, inPart } from "./full-room.ts";
import { JoinedSets } from "./joined-sets.ts";

/** An index, and the way in which changes are applied to it. */
interface Target {
  readonly index: Pick<ServedIndex, "info">;
  readonly apply: (set: ChangeSet, sequence: number) => void;
}

/**
 * Applies the sets of a page of the log behind number `from`, in as few steps as their order allows. Each step calls `applied`
 * with the number that the index has reached, so that applied sets count if a later one cannot be applied.
 *
 * @throws LiveProblem for a set that the index does not take, and if sets are missing
 */
export function applySets(
  target: Target,
  sets: readonly NumberedSet[],
  from: number,
  applied: (sequence: number) => void,
): void {
  let [joined, next] = [new JoinedSets(), from + 1];
  const applyAll = (all: JoinedSets): void => {
    try {
      applyJoined(target, all);
      applied(all.sequence);
    } catch (error) {
      if (all.count === 1) throw error;
      // The sets before a refused one count, however sets were joined.
      for (const each of all.singly) applyAll(each);
    }
  };
  const apply = (): void => {
    const all = joined;
    joined = new JoinedSets();
    if (all.count > 0) applyAll(all);
  };
  try {
    for (const { sequence, bytes } of sets) {
      if (sequence < next) continue; // another reader of this isolate was faster
      if (sequence > next) throw missing(next, sequence);
      next++;
      const set = decodedSet(bytes, sequence);
      if (joined.add(set, sequence)) continue;
      apply();
      joined.add(set, sequence);
    }
  } finally {
    apply();
  }
}

/** Reads a set of the log. @throws LiveProblem for a damaged one */
export function decodedSet(bytes: Uint8Array, sequence: number): LoggedSet {
  try {
    return decodeLoggedSet(bytes);
  } catch (error) {
    throw new LiveProblem("log_unfit", `change ${sequence} of the log is damaged: ${(error as Error).message}`);
  }
}

function applyJoined({ index, apply }: Target, joined: JoinedSets): void {
  try {
    apply(changeSetOf(joined.set, index.info), joined.sequence);
  } catch (error) {
    throw refusal(error, joined.sequence);
  }
}

/** Returns the problem of a log that lacks a change. */
export const missing = (wanted: number, next: number): LiveProblem =>
  new LiveProblem("log_unfit", `change ${wanted} is missing from the log, which goes on with ${next}`);

/** Returns the problem of a change of the log that an index does not take. */
export function refusal(error: unknown, sequence: number): LiveProblem {
  const { message, code } = error as Error & { readonly code?: unknown };
  if (code !== "delta_full") {
    return new LiveProblem("log_unfit", `the index does not take change ${sequence} of the log: ${message}`);
  }
  const { maxDelta, count, part } = error as DeltaFullError;
  const room = `there is memory for ${maxDelta} rows or new labels${inPart(part)}, and changes have ${count}`;
  return new LiveProblem("delta_full", `change ${sequence} of the log: ${room}: ${COMPACTION}, or raise MAX_DELTA`);
}
