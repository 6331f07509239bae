import { describe, expect, test } from "vitest";
import { bestEpochOf, isOver } from "../../../src/train/model/best-epoch.ts";
import { checksumBy } from "../../../src/train/model/checksum.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import type { EpochReport, TrainProgress } from "../../../src/train/model/train-options.ts";
import { sequenceMetrics } from "../../../src/train/sequences/metrics.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import { trainSequencesWith } from "../../../src/train/sequences/train.ts";
import { modelKernels } from "../model/instances.ts";
import { randomSequences } from "./random-sequences.ts";

const [sequences, heldOut] = [randomSequences(30, 1), randomSequences(60, 500)];
/** A rate at which the loss soon turns, while ranks of random items go up and down. */
const OPTIONS: SequenceOptions = { dim: 8, batchSize: 8, learningRate: 0.05, seed: 9, heldOut, epochs: 12 };
const train = (options: SequenceOptions) => trainSequencesWith(modelKernels(), sequences, options);
const opened = (bytes: Uint8Array) => readCheckpoint(bytes, checksumBy(modelKernels()));

describe("the epoch of a training that is chosen by ranks", () => {
  test.each([
    ["recall", false],
    ["ndcg", true],
  ] as const)("is that of the highest %s, and a resumed training has its bits", async (selectBy, withoutSeen) => {
    const options = { ...OPTIONS, selectBy, withoutSeen, patience: 4 };
    const saved: Uint8Array[] = [];
    const once = await train({
      ...options,
      onEpoch(_, checkpoint) {
        saved.push(checkpoint());
      },
    });
    const ranks = once.history.map((report) => report.heldOutRanks?.[selectBy] as number);
    expect(once.epoch).toBe(1 + ranks.indexOf(Math.max(...ranks)));
    expect(once.history.length).toBe(Math.min(12, once.epoch + 4));
    // The loss would have chosen another one.
    expect(bestEpochOf(once.history)).not.toBe(once.epoch);
    expect(once.model).toEqual((await train({ ...OPTIONS, epochs: once.epoch })).model);
    expect(opened(saved.at(-1) as Uint8Array).tables).toEqual(once.model.tables);
    for (const resume of saved) expect(await train({ ...options, resume })).toEqual(once);
    const of = { k: 10, positions: "last", length: 200, carry: false, limit: 100, withoutSeen } as const;
    const { recall, ndcg, loss } = sequenceMetrics(modelKernels(), once.model, heldOut, of);
    expect(once.history[once.epoch - 1]?.heldOutRanks).toEqual({ recall, ndcg });
    expect(once.history[once.epoch - 1]?.heldOutLoss).toBeCloseTo(loss, 10);
    const resume = saved[1] as Uint8Array;
    await expect(train({ ...options, selectBy: "loss", withoutSeen: false, resume })).rejects.toThrow(
      `"selectBy" expected ${selectBy}, as in the checkpoint that is resumed, got its default`,
    );
  });

  test("is not chosen by other sequences than before; they measure a training that is over", async () => {
    const options = { ...OPTIONS, patience: 4, selectBy: "recall" } as const;
    const saved: Uint8Array[] = [];
    const once = await train({ ...options, onEpoch: (_, checkpoint) => void saved.push(checkpoint()) });
    const others = randomSequences(60, 900);
    await expect(train({ ...options, heldOut: others, resume: saved[1] as Uint8Array })).rejects.toThrow(
      '"heldOut" expected the data that chose the best epoch of the checkpoint that is resumed, got others',
    );
    const measured = await train({ ...options, heldOut: others, resume: saved.at(-1) as Uint8Array });
    expect(measured).toEqual(once);
  });

  test("has the reports and the model of a training that is chosen by the loss, but for the ranks", async () => {
    const byLoss = await train({ ...OPTIONS, epochs: 3 });
    const byRank = await train({ ...OPTIONS, epochs: 3, selectBy: "ndcg" });
    expect(byRank.model).toEqual(byLoss.model);
    expect(byRank.history.map(({ heldOutRanks: _, ...report }) => report)).toEqual(byLoss.history);
  });

  test.each(["loss", "recall"] as const)(
    "by the %s is that of a training resumed from one without patience, or refused",
    async (selectBy) => {
      const options = { ...OPTIONS, selectBy, patience: 4 };
      const once = await train(options);
      const saved: Uint8Array[] = [];
      await train({
        ...{ ...OPTIONS, selectBy, epochs: once.history.length },
        onEpoch(_, checkpoint) {
          saved.push(checkpoint());
        },
      });
      for (const [i, resume] of saved.entries()) {
        const best = bestEpochOf(once.history.slice(0, i + 1), selectBy);
        if (best === i + 1) expect(await train({ ...options, resume })).toEqual(once);
        else await expect(train({ ...options, resume })).rejects.toThrow(`best epoch, which is ${best} of ${i + 1}`);
      }
    },
  );

  test("is told with the progress of the epochs after it", async () => {
    const told: (TrainProgress["best"] | undefined)[] = [];
    const onProgress = ({ done, total, best }: TrainProgress) => {
      if (done === total) told.push(best);
    };
    const { history } = await train({ ...OPTIONS, epochs: 4, selectBy: "recall", onProgress });
    expect(told).toEqual(
      history.map((_, i) => (i === 0 ? undefined : history[bestEpochOf(history.slice(0, i), "recall") - 1])),
    );
  });
});

describe("patience", () => {
  const report = (heldOutLoss: number, recall: number): EpochReport => ({
    ...{ epoch: 1, loss: 1, refreshes: { none: 0, reassigned: 0, rebuilt: 0 }, moved: 0 },
    ...{ heldOutLoss, heldOutRanks: { recall, ndcg: recall / 2 } },
  });
  const history = [report(3, 0.1), report(2, 0.3), report(4, 0.3), report(5, 0.2), report(1, 0.3)];

  test("counts the epochs after the first of the best", () => {
    expect([bestEpochOf(history), bestEpochOf(history, "recall"), bestEpochOf(history, "ndcg")]).toEqual([5, 2, 2]);
    expect([2, 3, 4].map((patience) => isOver(history, patience, "recall"))).toEqual([true, true, false]);
    expect([2, 3, 4].map((patience) => isOver(history, patience))).toEqual([false, false, false]);
  });
});

describe("bad input", () => {
  test.each<[string, SequenceOptions, string]>([
    ["an unknown figure", { selectBy: "mrr" as never }, '"selectBy" expected loss or recall or ndcg, got "mrr"'],
    ["no held-out sequences", { selectBy: "recall", heldOut: undefined as never }, '"selectBy" expected "heldOut"'],
    [
      "seen items of none",
      { withoutSeen: true, heldOut: undefined as never },
      '"withoutSeen" expected "heldOut" beside',
    ],
    ["seen items and the loss", { withoutSeen: true }, '"withoutSeen" expected "selectBy" recall or ndcg beside it'],
    [
      "seen words of a text",
      { carry: true, selectBy: "recall", withoutSeen: true },
      '"withoutSeen" expected sequences without "carry"',
    ],
  ])("%s is refused by name", async (_, options, message) => {
    await expect(train({ ...OPTIONS, ...options })).rejects.toThrow(message);
  });
});
