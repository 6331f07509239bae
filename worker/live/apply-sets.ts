import { changeSetOf } from "../../src/changes/change-set-of.ts";
import { applyChanges, decodeLoggedSet, type LoggedSet } from "../../src/changes/index.ts";
import type { NumberedSet } from "../../src/publication/change-log.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import type { Changing } from "./changing.ts";
import { JoinedSets } from "./joined-sets.ts";

/** An index, and the object that changes are applied to. */
type Target = Pick<Changing, "index" | "changed">;

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
      if (sequence > next)
        throw new LiveProblem("log_unfit", `change ${next} is missing from the log, which goes on with ${sequence}`);
      next++;
      const set = decoded(bytes, sequence);
      if (joined.add(set, sequence)) continue;
      apply();
      joined.add(set, sequence);
    }
  } finally {
    apply();
  }
}

function decoded(bytes: Uint8Array, sequence: number): LoggedSet {
  try {
    return decodeLoggedSet(bytes);
  } catch (error) {
    throw new LiveProblem("log_unfit", `change ${sequence} of the log is damaged: ${(error as Error).message}`);
  }
}

function applyJoined({ index, changed }: Target, joined: JoinedSets): void {
  try {
    applyChanges(changed, changeSetOf(joined.set, index.info), { sequence: joined.sequence });
  } catch (error) {
    const which = `change ${joined.sequence}`;
    if ((error as { code?: unknown }).code === "delta_full") {
      throw new LiveProblem("delta_full", `${which} of the log: ${(error as Error).message}`);
    }
    throw new LiveProblem("log_unfit", `the index does not take ${which} of the log: ${(error as Error).message}`);
  }
}
