import { describe, expect, test } from "vitest";
import { checksumBy } from "../../../src/train/model/checksum.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import { averagesOf, valuesOf } from "../../../src/train/model/tables.ts";
import { sequenceMetrics } from "../../../src/train/sequences/metrics.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import { planSequenceRun } from "../../../src/train/sequences/run.ts";
import { sequenceShape } from "../../../src/train/sequences/sequence-shape.ts";
import { sequenceSettings } from "../../../src/train/sequences/settings.ts";
import { trainSequencesWith } from "../../../src/train/sequences/train.ts";
import { anyOrder, batchesOf, lastWindows } from "../../../src/train/sequences/windows.ts";
import { modelKernels } from "../model/instances.ts";
import { uniformSampler } from "../model/samplers.ts";
import { randomSequences } from "./random-sequences.ts";

const ITEMS = 40;
const [sequences, heldOut] = [randomSequences(90, 1), randomSequences(60, 500)];
const OPTIONS: SequenceOptions = { dim: 8, batchSize: 8, learningRate: 0.05, seed: 9, heldOut, epochs: 12 };
const train = (options: SequenceOptions) => trainSequencesWith(modelKernels(), sequences, options);
const opened = (bytes: Uint8Array) => readCheckpoint(bytes, checksumBy(modelKernels()));

/** The averages of one table by their definition: at time n, the values count (8 + 1) / (n + 8). */
function plainAverages(times: readonly Float32Array[]): Float32Array {
  const averages = new Float32Array((times[0] as Float32Array).length);
  for (const [i, values] of times.entries()) {
    const share = 9 / (i + 1 + 8);
    for (const [j, value] of values.entries()) {
      averages[j] = (averages[j] as number) + share * (value - (averages[j] as number));
    }
  }
  return averages;
}

describe("averages of weights", () => {
  test.each([
    [19, 2], // eight times in 16 of 19 steps, and then every other step
    [5, 1], // each step of an epoch with fewer
  ])("have those of %d steps of an epoch, each %d", (stepsOfEpoch, every) => {
    const settings = sequenceSettings(OPTIONS);
    const windows = lastWindows(sequences, settings.length);
    const [batch = []] = batchesOf(windows, [...windows.keys()], 8);
    const run = planSequenceRun(modelKernels(), {
      ...{ sequences, settings, isSampled: false, stepsOfEpoch, resumed: undefined },
      shape: sequenceShape(sequences, OPTIONS, settings),
      limits: anyOrder(windows, windows.length),
    });
    const { arena, tables } = run;
    const times: Float32Array[] = [];
    for (let step = 0; step < 3 * stepsOfEpoch; step++) {
      run.step(batch, step, undefined);
      if ((step + 1) % every === 0) times.push(valuesOf(arena, tables.classes).slice());
      if (times.length > 0) expect(averagesOf(arena, tables.classes)).toEqual(plainAverages(times));
    }
  });

  test("are the model that is measured, chosen and kept, and leave the training as it is", async () => {
    const saved: Uint8Array[] = [];
    const onEpoch = (_: unknown, checkpoint: () => Uint8Array): void => {
      saved.push(checkpoint());
    };
    const plain = await train({ ...OPTIONS, epochs: 3, averaging: false });
    const averaged = await train({ ...OPTIONS, epochs: 3, onEpoch });
    expect(averaged.history.map(({ loss }) => loss)).toEqual(plain.history.map(({ loss }) => loss));
    expect(averaged.model.tables).not.toEqual(plain.model.tables);
    const of = { k: 10, positions: "last", length: 200, carry: false, limit: 100, withoutSeen: false } as const;
    const { loss } = sequenceMetrics(modelKernels(), averaged.model, heldOut, of);
    expect(averaged.history.at(-1)?.heldOutLoss).toBeCloseTo(loss, 10);
    const { tables, states } = opened(saved.at(-1) as Uint8Array);
    expect(tables).toEqual(averaged.model.tables);
    expect(states["latest.classes"]).toEqual(plain.model.tables.classes);
  });

  test.each([
    ["without patience", {}],
    ["with the model of the best epoch", { selectBy: "recall", patience: 4 }],
    ["with draws", { sampler: () => uniformSampler(ITEMS), negatives: 6 }],
  ] as const)("have the bits of a training that was resumed, %s", async (_, more) => {
    const options: SequenceOptions = { ...OPTIONS, epochs: 8, ...more };
    const saved: Uint8Array[] = [];
    const once = await train({
      ...options,
      onEpoch(_, checkpoint) {
        saved.push(checkpoint());
      },
    });
    for (const resume of saved) expect(await train({ ...options, resume })).toEqual(once);
    await expect(train({ ...options, averaging: false, resume: saved[0] as Uint8Array })).rejects.toThrow(
      "has averages of weights: resume it with averaging true",
    );
    const last: Uint8Array[] = [];
    const onEpoch = (_: unknown, checkpoint: () => Uint8Array): void => {
      last.push(checkpoint());
    };
    await train({ ...options, averaging: false, epochs: 1, onEpoch });
    await expect(train({ ...options, resume: last[0] as Uint8Array })).rejects.toThrow(
      "has no averages of weights: resume it with averaging false",
    );
  });

  test("are the initial weights before the first step", async () => {
    const { model } = await train({ ...OPTIONS, epochs: 0 });
    expect(model).toEqual((await train({ ...OPTIONS, epochs: 0, averaging: false })).model);
  });

  test("need true or false, and a checkpoint that agrees", async () => {
    await expect(train({ ...OPTIONS, averaging: 3 as never })).rejects.toThrow(
      '"averaging" expected true or false, got 3',
    );
    const saved: Uint8Array[] = [];
    await train({ ...OPTIONS, epochs: 1, onEpoch: (_, checkpoint) => void saved.push(checkpoint()) });
    const text = Buffer.from(saved[0] as Uint8Array).toString("latin1");
    const damaged = (from: string, to: string): Uint8Array => Buffer.from(text.replace(from, to), "latin1");
    expect(() => opened(damaged('midx.checkpoint":"2.2', 'midx.checkpoint":"2.1'))).toThrow("header-canonical");
    expect(() => opened(damaged('averaging\\":\\"true', 'averaging\\":\\"some'))).toThrow(
      'setting "averaging" expected true',
    );
  });
});
