import { applyToPart, fileIdsOf, partFactsOf } from "../../../src/changes/part-changes.ts";
import { checkNumber, knownOptions } from "../../../src/internal.ts";
import type { MultiIndex } from "../../../src/public.ts";
import { INDEX_LIMITS } from "../../contract/limits.ts";
import { LiveProblem } from "../../contract/live-problems.ts";
import { Problem } from "../../contract/problem.ts";
import type { ChangeTaking } from "../../parts/change-taking.ts";
import { changesRoutes } from "../../parts/changes-routes.ts";
import { firstState, sequenceIn } from "../../parts/changes-state.ts";
import type { ChangeFacts, ChangingPart, FileIds } from "../../parts/changing-part.ts";
import { PartProblem } from "../../parts/part-problem.ts";
import { applySets } from "../apply-sets.ts";
import { heapOfChanges } from "../heap-of-changes.ts";
import { MOST_DELTA } from "../live-settings.ts";
import { loadWithRoom } from "../load-with-room.ts";
import { decodePartChanges, type SentChanges } from "./changes-message.ts";

/** Options of {@link takeChanges}. */
export interface TakeChangesOptions {
  /**
   * The most rows that changes of a part may hold, 1 to 1,000,000. Default: 20,000, or as many as take 8 MB if these are fewer.
   */
  readonly maxDelta?: number;
}

/** The option that lets a part take changes. `takeChanges` makes it. */
export interface PartChanges {
  /** The most rows that changes of a part may hold, as given. */
  readonly maxDelta?: number;
}

/**
 * Lets a part take changes of its classes from its router, which has their log. Whoever reaches the part with its token can
 * change it.
 *
 * @param options the most rows that changes may hold
 * @returns the option `changes` of `createPart` and `partObject`
 * @throws TypeError or RangeError that names an option which is unknown or out of range
 *
 * @example
 * export const Part = partObject((env: Env) => manifestAt(inBucket(env.INDEX), "items/current.json"), {
 *   changes: takeChanges(),
 * });
 */
export function takeChanges(options: TakeChangesOptions = {}): PartChanges {
  const { maxDelta: wanted } = knownOptions("takeChanges", options, ["maxDelta"]);
  if (wanted !== undefined) checkNumber("maxDelta", wanted, 1, MOST_DELTA);
  const taking: ChangeTaking & PartChanges = {
    ...(wanted !== undefined && { maxDelta: wanted }),
    addRoutes: changesRoutes,
    async open(load, given, sequence) {
      const { index, ...room } = await loadWithRoom(load, given, INDEX_LIMITS, { wanted, least: 0 });
      const memoryBytes = index.info.memoryBytes + heapOfChanges(room.room);
      return { index, memoryBytes, changes: new TakingPart(index, room, firstState(sequence)) };
    },
  };
  return taking;
}

/** Returns what a host does with changes. TypeError for an object that `takeChanges` has not made. */
export function takingBy(changes: PartChanges): ChangeTaking {
  if ("addRoutes" in Object(changes)) return changes as ChangeTaking & PartChanges;
  throw new TypeError('"changes" expected takeChanges(), got another object');
}

/** A loaded index as a part that takes changes. */
class TakingPart implements ChangingPart {
  readonly first: string;
  state: string;
  readonly #index: MultiIndex;
  readonly #room: Pick<ChangeFacts, "maxDelta" | "room">;

  constructor(index: MultiIndex, room: Pick<ChangeFacts, "maxDelta" | "room">, first: string) {
    this.#index = index;
    this.#room = room;
    this.first = first;
    this.state = first;
  }

  has(state: string): boolean {
    return state === this.state;
  }

  facts(): readonly ChangeFacts[] {
    return [{ ...partFactsOf(this.#index), ...this.#room }];
  }

  fileIds(labels: readonly string[]): readonly FileIds[] {
    return [{ ids: fileIdsOf(this.#index, labels) }];
  }

  take(message: Uint8Array): void {
    const { from, states, sets } = decoded(message);
    if (from !== this.state) {
      throw new PartProblem("changes_differ", `changes expected to follow ${this.state}, got some that follow ${from}`);
    }
    const index = this.#index;
    const before = sequenceIn(from) as number;
    const target = {
      index,
      apply: (set: Parameters<typeof applyToPart>[1], sequence: number) => applyToPart(index, set, sequence),
    };
    const numbered = sets.map(([bytes], i) => ({ sequence: before + 1 + i, bytes: bytes as Uint8Array }));
    applySets(target, numbered, before, (sequence) => {
      this.state = states[sequence - before - 1] as string;
    });
  }
}

function decoded(message: Uint8Array): SentChanges {
  try {
    return decodePartChanges(message);
  } catch (error) {
    if (error instanceof RangeError) throw new Problem("invalid_field", error.message);
    throw new LiveProblem("log_unfit", (error as Error).message);
  }
}
