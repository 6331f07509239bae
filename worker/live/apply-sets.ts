import { applyChanges, decodeLoggedSet } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/public.ts";
import type { NumberedSet } from "../../src/publication/change-log.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import { changeSetOf } from "./change-set-of.ts";
import { JoinedSets } from "./joined-sets.ts";

/**
 * Applies the sets of a page of the log behind number `from`, as few at a time as their order allows. Calls `applied` with the number
 * that the index has reached, each time, so that what was applied counts if a later set cannot be.
 *
 * @throws LiveProblem for a set that the index does not take, and where sets are missing
 */
export function applySets(
  index: MultiIndex,
  sets: readonly NumberedSet[],
  from: number,
  applied: (sequence: number) => void,
): void {
  let [joined, next] = [new JoinedSets(), from + 1];
  const apply = (): void => {
    if (joined.count > 0) applyJoined(index, joined);
    if (joined.count > 0) applied(joined.sequence);
    joined = new JoinedSets();
  };
  for (const { sequence, bytes } of sets) {
    if (sequence < next) continue; // another reader of this isolate was faster
    if (sequence > next)
      throw new LiveProblem("log_unfit", `change ${next} is missing from the log, which goes on with ${sequence}`);
    next++;
    const set = decodeLoggedSet(bytes);
    if (joined.add(set, sequence)) continue;
    apply();
    joined.add(set, sequence);
  }
  apply();
}

function applyJoined(index: MultiIndex, joined: JoinedSets): void {
  try {
    applyChanges(index, changeSetOf(joined.set), { sequence: joined.sequence });
  } catch (error) {
    const first = joined.sequence - joined.count + 1;
    const which = joined.count > 1 ? `changes ${first} to ${joined.sequence}` : `change ${first}`;
    if ((error as { code?: unknown }).code === "delta_full") {
      throw new LiveProblem("delta_full", `${which} of the log: ${(error as Error).message}`);
    }
    throw new LiveProblem("log_unfit", `the index does not take ${which} of the log: ${(error as Error).message}`);
  }
}
