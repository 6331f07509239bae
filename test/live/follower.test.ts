import { expect, test } from "vitest";
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
