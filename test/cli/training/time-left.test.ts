import { expect, test } from "vitest";
import type { ProgressEvent } from "../../../src/cli/output/progress.ts";
import { startTrainingProgress } from "../../../src/cli/training/training-progress.ts";

test("a training tells the last and the best epoch and the time left at its mean pace", () => {
  const [told, logged]: [ProgressEvent[], string[]] = [[], []];
  let time = 0;
  const progress = { report: (event: ProgressEvent) => told.push(event), log: (line: string) => logged.push(line) };
  const training = { epochs: 4, patience: 2, selectBy: "recall" } as const;
  const { onProgress: report, onEpoch } = startTrainingProgress(progress, training, () => time);
  const best = {
    ...{ epoch: 1, loss: 2, refreshes: { none: 0, reassigned: 0, rebuilt: 0 }, moved: 0 },
    heldOutRanks: { recall: 0.28149, ndcg: 0.15 },
  };
  report({ epoch: 1, done: 50, total: 100 });
  time = 20_000; // also for measuring, which the rest of a pass takes, too
  onEpoch(best);
  time = 60_000;
  report({ epoch: 2, done: 50, total: 100, best }); // a pass of four took a minute
  time = 120_000;
  onEpoch({ ...best, epoch: 2, loss: 1.5, heldOutLoss: 1.75, heldOutRanks: { recall: 0.27, ndcg: 0.14 } });
  report({ epoch: 3, done: 50, total: 100, best });
  expect(told.map(({ note }) => note)).toEqual([
    "",
    ", training loss 2.0000 in epoch 1, best recall@10 0.2815 in epoch 1, at most 3 min left",
    ", training loss 1.5000 in epoch 2, best recall@10 0.2815 in epoch 1, at most 90 s left",
  ]);
  expect(logged).toEqual([
    "epoch 1 of at most 4: training loss 2.0000, recall@10 0.2815, NDCG@10 0.1500, at most 2 min left",
    "epoch 2 of at most 4: training loss 1.5000, held-out loss 1.7500, recall@10 0.2700, NDCG@10 0.1400, at most 3 min left",
  ]);
  expect(told[2]?.facts).toEqual({ secondsLeft: 90, best: { epoch: 1, selectBy: "recall", figure: 0.28149 } });
});
