import { expect, test } from "vitest";
import type { ProgressEvent } from "../../src/cli/output/progress.ts";
import { everyPercent } from "../../src/cli/training/every-percent.ts";

test("a training tells the best epoch and the time left at its mean pace", () => {
  const told: ProgressEvent[] = [];
  let time = 0;
  const report = everyPercent({ report: (event) => told.push(event) }, { epochs: 4, selectBy: "recall" }, () => time);
  const best = {
    ...{ epoch: 1, loss: 2, refreshes: { none: 0, reassigned: 0, rebuilt: 0 }, moved: 0 },
    heldOutRanks: { recall: 0.28149, ndcg: 0.15 },
  };
  report({ epoch: 1, done: 50, total: 100 });
  time = 60_000;
  report({ epoch: 2, done: 50, total: 100, best }); // a pass of four took a minute
  time = 120_000;
  report({ epoch: 3, done: 50, total: 100, best });
  expect(told.map(({ note }) => note)).toEqual([
    "",
    ", best recall@10 0.2815 in epoch 1, at most 3 min left",
    ", best recall@10 0.2815 in epoch 1, at most 90 s left",
  ]);
  expect(told[2]?.facts).toEqual({ secondsLeft: 90, best: { epoch: 1, selectBy: "recall", figure: 0.28149 } });
});
