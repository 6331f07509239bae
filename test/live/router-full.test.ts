import { expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/index.ts";
import { PlacedChanges } from "../../src/changes/placed-changes.ts";
import { checkSet } from "../../worker/live/checked-set.ts";
import { listed } from "../../worker/live/given-changes.ts";
import { RoutedChanges } from "../../worker/live/parts/routed-changes.ts";
import { MemoryLog } from "./log/memory-log.ts";

test("a router without memory for more labels refuses them, and takes other changes and what is in the log", async () => {
  const rows = { dim: 2, rows: "f32", hasBias: false, hasResiduals: false } as const;
  const placed = new PlacedChanges([{ rows, classes: 10, first: 0, room: 1000 }], {
    ...{ isCosine: false, columns: [], space: undefined },
  });
  const info = { dim: 2, hasBias: false, columns: [] } as never;
  const parts = { placed, sequence: 0, info, find: async () => [new Map()], bring: async () => undefined };
  const log = new MemoryLog();
  const changes = new RoutedChanges(parts, () => log, 2000);
  const changing = {
    ...{ index: { info } as never, maxDelta: 1000 },
    check: (set: Parameters<typeof changes.check>[0], most: number) => changes.check(set, most),
  };
  const upserts = (...labels: string[]) => ({ upserts: { labels, rows: new Float32Array(2 * labels.length).fill(1) } });
  const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `label ${from + i}`);
  await checkSet(changing, upserts(...names(11)), listed);
  await expect(checkSet(changing, upserts(...names(12)), listed)).rejects.toMatchObject({
    ...{ status: 507, code: "delta_full" },
    message:
      "changes expected at most 2000 bytes of labels and states in the router, got 2112: publish a version that has the changes so far (midx compact)",
  });
  await log.append(encodeLoggedSet(upserts(...names(20))));
  const { sets } = await log.read(0, 1e6);
  await changes.take(sets, 0, () => undefined);
  expect(changes.current.classes.changes).toMatchObject({ rowCount: 20, classCount: 30 });
  await checkSet(changing, { removals: names(3) }, listed);
  await checkSet(changing, upserts("label 3"), listed);
  await expect(checkSet(changing, upserts("label 3", "new"), listed)).rejects.toMatchObject({ status: 507 });
});
