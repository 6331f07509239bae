import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { LiveProblem } from "../../worker/contract/live-problems.ts";
import { Follower } from "../../worker/live/follower.ts";
import { MemoryLog } from "./log/memory-log.ts";

const keepAlive = (work: Promise<unknown>): void => void work.catch(() => undefined);

test("an index that only another version helps is stranded until a tail succeeds, however many fail before", async () => {
  const log = new MemoryLog();
  await log.append(Uint8Array.of(1));
  let isLost = true;
  let told = 0;
  const follower = new Follower(
    {
      async take(_, __, applied) {
        if (isLost) throw new LiveProblem("log_unreadable", "the parts have lost this generation");
        applied(1);
      },
      // This is said once for each version.
      isStranding: () => told++ === 0,
    },
    0,
    () => log,
  );
  // The tail of the first request fails, and the second request runs one of its own.
  const behind = follower.look(keepAlive);
  await expect(follower.ready(0, { mutation: 1, name: "minMutation" }, keepAlive)).rejects.toThrow(
    '"minMutation" 1 is not seen here yet',
  );
  await behind;
  expect(follower.strandedAt).toBeDefined();
  isLost = false;
  await follower.ready(0, { mutation: 1, name: "minMutation" }, keepAlive);
  expect([follower.sequence, follower.strandedAt]).toEqual([1, undefined]);
});

test("requests that need later and later changes have them, however many tails of others stop before", async () => {
  const log = new MemoryLog();
  const sets = [1, 2, 3, 4, 5, 6];
  for (const set of sets) await log.append(Uint8Array.of(set));
  const slow: ChangeLog = {
    append: (...given) => log.append(...given),
    trim: (upTo) => log.trim(upTo),
    async read(...given) {
      await sleep(20);
      return log.read(...given);
    },
  };
  const changing: ConstructorParameters<typeof Follower>[0] = {
    take: async (taken, _, applied) => void (taken.length > 0 && applied(taken.at(-1)?.sequence as number)),
  };
  const reaching = new Follower(changing, 0, () => slow);
  expect(await Promise.all(sets.map((wanted) => reaching.reach(wanted, keepAlive)))).toEqual(sets.map(() => true));
  const seeing = new Follower(changing, 0, () => slow);
  const others = sets.slice(0, 5).map((wanted) => seeing.reach(wanted, keepAlive));
  await seeing.ready(0, { mutation: 6, name: "minMutation" }, keepAlive);
  expect([seeing.sequence, await Promise.all(others)]).toEqual([6, others.map(() => true)]);
});
