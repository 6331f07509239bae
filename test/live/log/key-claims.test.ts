import { describe, expect, test } from "vitest";
import { KEY_LIFE_MS, KeyConflictError } from "../../../src/publication/change-log.ts";
import type { SegmentStore } from "../../../src/publication/segments/segment-store.ts";
import { memorySegments } from "./memory-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

const MIDNIGHT = 11_574 * KEY_LIFE_MS;
const CALL = { key: "a", writer: "w" };

/** Waits for `pause` before each call. */
function pausing(store: SegmentStore, pause: () => Promise<void>): SegmentStore {
  const paused =
    <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      await pause();
      return call(...given);
    };
  const { name, get, has, list, put, remove } = store;
  return {
    name,
    ...{ get: paused(get), has: paused(has), list: paused(list), put: paused(put), remove: paused(remove) },
  };
}

/**
 * Appends "x" with a key, and while that call waits before its call of the store with the number `at`, appends `again` with the same
 * key. Returns what came of both; nothing of the second one if the first has fewer calls.
 */
async function overtaken(at: number, again: string, clocks: readonly [first: number, second: number]) {
  const store = memorySegments();
  await openLog(store).log.append(setOf("before"));
  let calls = 0;
  let second: unknown;
  const waiting = pausing(store, async () => {
    if (calls++ !== at) return;
    const { log } = openLog(store, () => clocks[1]);
    second = await log.append(setOf(again), CALL).catch((error: unknown) => error);
    await log.append(setOf("another"));
  });
  const { log } = openLog(waiting, () => clocks[0]);
  const first: unknown = await log.append(setOf("x"), CALL).catch((error: unknown) => error);
  return { store, first, second };
}

/** More than the calls of the store that an append makes. */
const MOST_CALLS = 30;

describe.each([
  ["on one day", [MIDNIGHT + 1, MIDNIGHT + 2]],
  ["of which the first came before midnight", [MIDNIGHT - 1, MIDNIGHT + 1]],
  ["of which the first has a clock that is behind", [MIDNIGHT + 1, MIDNIGHT - 1]],
] as const)("two calls with one key %s", (_, clocks) => {
  test("append one set, wherever the second overtakes the first, and a later call finds it", async () => {
    for (let at = 0; at < MOST_CALLS; at++) {
      const { store, first, second } = await overtaken(at, "x", clocks);
      if (second === undefined) return;
      const { sequence } = first as { sequence: number };
      expect([first, second], `at ${at}`).toEqual(
        expect.arrayContaining([
          { sequence, isReplay: false },
          { sequence, isReplay: true },
        ]),
      );
      for (const now of [...clocks, MIDNIGHT + 3_600_000]) {
        const { log } = openLog(store, () => now);
        expect(await log.append(setOf("x"), CALL), `at ${at}`).toEqual({ sequence, isReplay: true });
        expect(await log.find({ ...CALL, digest: await digestOf("x") }), `at ${at}`).toBe(sequence);
      }
      expect((await readAll(openLog(store).log)).sort(), `at ${at}`).toEqual(["another", "before", "x"]);
    }
    expect.unreachable("the first call never came to its end");
  });

  test("and other changes append one set, and one of them is refused", async () => {
    for (let at = 0; at < MOST_CALLS; at++) {
      const { store, first, second } = await overtaken(at, "y", clocks);
      if (second === undefined) return;
      const refused = [first, second].filter((outcome) => outcome instanceof KeyConflictError);
      expect(refused, `at ${at}`).toHaveLength(1);
      expect(await readAll(openLog(store).log), `at ${at}`).toHaveLength(3);
    }
    expect.unreachable("the first call never came to its end");
  });
});

async function digestOf(name: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", setOf(name).slice());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
