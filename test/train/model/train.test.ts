import { describe, expect, test } from "vitest";
import { queriesOf } from "../../../src/train/model/evaluation.ts";
import { metricsOf } from "../../../src/train/model/metrics.ts";
import type { Model } from "../../../src/train/model/model.ts";
import { createOptimizer } from "../../../src/train/model/optimizer.ts";
import { orderOf, spacedRows } from "../../../src/train/model/order.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import { trainWith } from "../../../src/train/model/train.ts";
import type { SamplerFactory, TrainOptions } from "../../../src/train/model/train-options.ts";
import { startArena } from "../../../src/train/runtime/arena.ts";
import type { Sampler } from "../../../src/train/samplers/sampler.ts";
import { xxh64 } from "../../fixtures/index-file.ts";
import { EVERY } from "../../run/size.ts";
import { modelKernels } from "./instances.ts";
import { fixedSampler, uniformSampler } from "./samplers.ts";
import { chainEntropy, chainExamples, topicExamples } from "./toy.ts";

const train = (examples: ReturnType<typeof chainExamples>, options: TrainOptions) =>
  trainWith(modelKernels(), examples, options);
const uniform: SamplerFactory = (_rows, biases) => uniformSampler(biases.length);

test("a sampler of the batch has the positives of each step before its draws", async () => {
  const examples = chainExamples(60, 1);
  const batches: number[][] = [];
  let drawn = 0;
  const sampler: SamplerFactory = (_, biases) => ({
    ...uniformSampler(biases.length),
    useBatch: (positives) => void batches.push(Array.from(positives)),
    draw: (...given) => {
      drawn++;
      expect(batches.flat().length).toBeGreaterThanOrEqual(drawn); // an example of the chain has one positive
      return uniformSampler(biases.length).draw(...given);
    },
  });
  await train(examples, { dim: 4, epochs: 1, sampler, negatives: 2, batchSize: 25 });
  expect(batches.map((batch) => batch.length)).toEqual([25, 25, 9]);
  expect(batches.flat().sort()).toEqual(Array.from(examples.positives.ids).sort());
});

describe("what training learns", () => {
  const count = EVERY ? 20_000 : 6000;
  const [examples, heldOut] = [chainExamples(count, 1), chainExamples(count, 2)];
  // The entropy of the chain is 1.02 nats. The frequencies of the words alone leave 1.4.
  const KINDS = [
    ["the full softmax, adagrad", { optimizer: "adagrad" }],
    ["the full softmax, adam", { optimizer: "adam", learningRate: 0.01 }],
    ["a tanh layer", { hidden: "tanh" }],
    ["a relu layer", { hidden: "relu" }],
    ["form A and uniform draws", { sampler: uniform, negatives: 50, form: "A" }],
    [
      "form B and draws by a fixed distribution",
      { sampler: () => fixedSampler("fixed", [0.4, 0.1, 0.2, 0.1, 0.2]), negatives: 50, form: "B" },
    ],
    ["form B and uniform draws", { sampler: uniform, negatives: 50, form: "B" }],
  ] as const;
  test.each(EVERY ? KINDS : KINDS.slice(0, -1))(
    "of a Markov chain by %s has a perplexity within 2 %% of the entropy's",
    async (_name, options) => {
      const { model, history } = await train(examples, { dim: 8, epochs: 3, ...options, heldOut });
      const rows = spacedRows(heldOut.positives.ids.length, count);
      const { perplexity } = metricsOf(modelKernels(), model, heldOut, rows, 1);
      expect(Math.abs(perplexity / Math.exp(chainEntropy()) - 1)).toBeLessThan(0.02);
      expect(history.at(-1)?.heldOutLoss).toBeCloseTo(chainEntropy(), 1);
    },
  );

  test("of several labels a document finds both", async () => {
    const { model, history } = await train(topicExamples(2000, 1), { dim: 16, epochs: 8, sampler: uniform });
    const test = topicExamples(500, 2);
    const metrics = metricsOf(modelKernels(), model, test, spacedRows(500, 500), 2);
    expect(metrics.precision).toBeGreaterThan(0.98);
    expect(metrics.recall).toBeGreaterThan(0.98);
    expect(metrics.loss).toBeLessThan(Math.log(2) + 0.1); // two labels share the mass
    expect(history[7]?.loss as number).toBeLessThan(history[0]?.loss as number);
  });

  test("of words two back needs their positions", async () => {
    const [two, heldOut] = [chainExamples(10_000, 1, 2), chainExamples(5000, 2, 2)];
    const options = { dim: 8, epochs: 3, heldOut } as const;
    const { history } = await train(two, options);
    const unordered = { ...two, positionCount: 0 };
    const { history: without } = await train(unordered, { ...options, heldOut: { ...heldOut, positionCount: 0 } });
    expect(history[2]?.heldOutLoss as number).toBeLessThan((without[2]?.heldOutLoss as number) - 0.05);
  });
});

describe("the bits of a training", () => {
  const examples = chainExamples(1000, 3, 3);
  const options = {
    dim: 8,
    epochs: 4,
    hidden: "tanh",
    sampler: uniform,
    negatives: 7,
    batchSize: 30,
    seed: 5,
  } as const;

  test("are the same twice, and in both builds of the kernels", async () => {
    const { model } = await train(examples, options);
    expect((await train(examples, options)).model).toEqual(model);
    expect((await trainWith(modelKernels("model.debug.wasm"), examples, options)).model).toEqual(model);
  });

  test("are others with another seed", async () => {
    const { model } = await train(examples, options);
    expect((await train(examples, { ...options, seed: 6 })).model).not.toEqual(model);
  });

  test.each(["adagrad", "adam", "sgd"] as const)("of %s are those of one that was resumed", async (optimizer) => {
    const heldOut = chainExamples(200, 4, 3);
    const whole = { ...options, optimizer, heldOut, refreshEvery: 5, weightDecay: 0.01 };
    const saved: Uint8Array[] = [];
    const once = await train(examples, {
      ...whole,
      onEpoch(_report, checkpoint) {
        saved.push(checkpoint());
      },
    });
    for (const resume of saved.slice(0, 3)) {
      const again: Uint8Array[] = [];
      const rest = await train(examples, {
        ...whole,
        resume,
        onEpoch(_report, checkpoint) {
          again.push(checkpoint());
        },
      });
      expect(rest).toEqual(once);
      expect(again.at(-1)).toEqual(saved.at(-1));
    }
    expect((await train(examples, { ...whole, resume: saved[3] as Uint8Array })).model).toEqual(once.model);
  });

  test("are not those of a checkpoint that is asked for in a later epoch, which is refused", async () => {
    const asked: (() => Uint8Array<ArrayBuffer>)[] = [];
    const two = { ...options, epochs: 2 };
    const { model } = await train(examples, { ...two, onEpoch: (_, checkpoint) => void asked.push(checkpoint) });
    expect(() => asked[0]?.()).toThrow("checkpoint() of epoch 1 expected a call before epoch 2 begins, got one after");
    expect((await train(examples, { ...two, resume: asked[1]?.() as Uint8Array })).model).toEqual(model);
  });

  test("are refused where a checkpoint was trained otherwise, by the name of what differs", async () => {
    const saved: Uint8Array[] = [];
    await train(examples, { ...options, epochs: 1, onEpoch: (_, checkpoint) => void saved.push(checkpoint()) });
    const resume = saved[0] as Uint8Array;
    const other = { ...options, resume };
    await expect(train(examples, { ...other, batchSize: 31 })).rejects.toThrow('"batchSize" expected 30');
    await expect(train(examples, { ...other, seed: 6 })).rejects.toThrow('"seed" expected 5');
    await expect(train(examples, { ...other, dim: 12 })).rejects.toThrow('"dim" expected 8');
    await expect(train(chainExamples(999, 3, 3), other)).rejects.toThrow(
      '"examples" expected 999, as in the checkpoint that is resumed, got 998: pass the data of that training',
    );
    await expect(train(chainExamples(1000, 4, 3), other)).rejects.toThrow(
      '"examples" expected the same data as in the checkpoint that is resumed, got others of the same size: pass the data of that training, with the same --history',
    );
    const named: SamplerFactory = (_, biases) => ({ ...uniformSampler(biases.length), name: "other" });
    await expect(train(examples, { ...other, sampler: named })).rejects.toThrow(
      '"sampler" expected uniform, as in the checkpoint that is resumed, got other',
    );
    await expect(train(examples, { ...other, epochs: 1, sampler: named })).rejects.toThrow(
      '"sampler" expected uniform, as in the checkpoint that is resumed, got other',
    );
    await expect(train(examples, { ...other, resume: resume.slice(0, -4) })).rejects.toThrow("file-truncated");
  });

  test("are refused where other held-out examples would choose among the epochs", async () => {
    const saved: Uint8Array[] = [];
    const onEpoch = (_: unknown, checkpoint: () => Uint8Array): void => void saved.push(checkpoint());
    const choosing = { ...options, epochs: 3, heldOut: chainExamples(200, 4, 3), patience: 2 };
    await train(examples, { ...choosing, onEpoch });
    const resume = saved[0] as Uint8Array;
    const heldOut = chainExamples(200, 5, 3);
    await expect(train(examples, { ...choosing, resume, heldOut })).rejects.toThrow(
      '"heldOut" expected the data that chose the best epoch of the checkpoint that is resumed, got others',
    );
    // Nothing is chosen without patience, or where no epoch is left.
    const { patience: _, ...measuring } = choosing;
    await train(examples, { ...measuring, resume, heldOut });
    await train(examples, { ...choosing, epochs: 1, resume, heldOut });
  });
});

describe("the order of an epoch", () => {
  test("has every row once, and depends on seed and epoch", () => {
    const order = orderOf(100, 1n, 1);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, row) => row));
    expect(orderOf(100, 1n, 1)).toEqual(order);
    expect(orderOf(100, 1n, 2)).not.toEqual(order);
    expect(orderOf(100, 2n, 1)).not.toEqual(order);
  });

  test("puts every row in every place alike", () => {
    const firsts = new Array<number>(5).fill(0);
    for (let epoch = 0; epoch < 5000; epoch++) {
      const first = orderOf(5, 1n, epoch)[0] as number;
      firsts[first] = (firsts[first] as number) + 1;
    }
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(800)); // four deviations
  });
});

describe("a training", () => {
  const examples = chainExamples(640, 3);

  test("that diverges says so, and saves nothing of it", async () => {
    const saved: number[] = [];
    const onEpoch = ({ epoch }: { epoch: number }) => void saved.push(epoch);
    const diverging = train(examples, { dim: 8, epochs: 9, optimizer: "sgd", learningRate: 1024, onEpoch });
    await expect(diverging).rejects.toThrow(/diverged in epoch \d: .* Try a "learningRate" below 1024/);
    expect(saved.length).toBeLessThan(9);
  });

  test("counts the steps of a checkpoint in no time, however many they are", () => {
    const before = process.cpuUsage();
    const kernels = modelKernels();
    createOptimizer(
      kernels,
      startArena(kernels),
      { optimizer: "adam", learningRate: 0.1, weightDecay: 0 },
      Number.MAX_SAFE_INTEGER,
    );
    expect(process.cpuUsage(before).user).toBeLessThan(2e6); // microseconds
  });

  test("ends when the held-out loss has not fallen for `patience` epochs", async () => {
    // What is held out says the opposite of what is trained, so that its loss rises from the first epoch on.
    const positives = { ...examples.positives, ids: examples.positives.ids.map((id) => 4 - id) };
    const heldOut = { ...examples, positives };
    const { history } = await train(examples, { dim: 8, epochs: 50, heldOut, patience: 2 });
    const losses = history.map(({ heldOutLoss }) => heldOutLoss as number);
    const best = losses.indexOf(Math.min(...losses));
    expect(losses.length).toBeLessThan(10);
    expect(losses.length - 1 - best).toBe(2); // the two after the best are worse, and nothing went on
    expect((await train(examples, { dim: 8, epochs: 12, heldOut })).history.length).toBe(12);
  });

  test("gives who makes a sampler the queries of examples, by the model as it is", async () => {
    const examples = chainExamples(300, 4, 2);
    const asked: Float32Array[] = [];
    const sampler: SamplerFactory = (_rows, biases, _seed, queries) => {
      asked.push(queries(100));
      return uniformSampler(biases.length);
    };
    const options = { dim: 8, hidden: "tanh", batchSize: 32, sampler } as const;
    const { model } = await train(examples, { ...options, epochs: 1 });
    await train(examples, { ...options, epochs: 2 });
    const rows = spacedRows(examples.positives.offsets.length - 1, 100);
    expect(asked[2]).toEqual(queriesOf(modelKernels(), model, examples, rows));
    expect(asked[1]).toEqual(asked[0]);
  });

  describe("with a patience", () => {
    // So few examples that they are soon learnt by heart: the held-out loss falls, then rises.
    const [few, heldOut] = [chainExamples(80, 3, 3), chainExamples(500, 4, 3)];
    const options = { dim: 16, epochs: 60, batchSize: 10, learningRate: 0.3, heldOut, patience: 3, seed: 2 } as const;
    const withCheckpoints = async (more: Partial<TrainOptions> = {}) => {
      const saved: Uint8Array[] = [];
      const trained = await train(few, {
        ...{ ...options, ...more },
        onEpoch: (_, checkpoint) => void saved.push(checkpoint()),
      });
      return { trained, saved };
    };

    test("gives the model of the epoch with the lowest held-out loss, as one without that ends there", async () => {
      const { model, epoch, history } = await train(few, options);
      const losses = history.map(({ heldOutLoss }) => heldOutLoss as number);
      expect(epoch).toBe(1 + losses.indexOf(Math.min(...losses)));
      expect(epoch).toBeGreaterThan(1);
      expect(history).toHaveLength(epoch + 3);
      const { patience: _, ...without } = options;
      const upTo = await train(few, { ...without, epochs: epoch });
      expect(model).toEqual(upTo.model);
      expect(upTo.epoch).toBe(epoch);
      const last = await train(few, { ...without, epochs: history.length });
      expect(last.model).not.toEqual(model);
    });

    test("has that model in every checkpoint, and goes on from each to the same", async () => {
      const { trained, saved } = await withCheckpoints();
      expect(readCheckpoint(saved.at(-1) as Uint8Array, xxh64).tables).toEqual(trained.model.tables);
      for (const [i, resume] of saved.entries()) {
        const rest = await withCheckpoints({ resume });
        expect(rest.trained, `after epoch ${i + 1}`).toEqual(trained);
        expect(rest.saved).toEqual(saved.slice(i + 1));
      }
    });

    test("has the model of a finished checkpoint, resumed without one, too", async () => {
      const { trained, saved } = await withCheckpoints();
      expect(trained.epoch).toBeLessThan(trained.history.length);
      const { patience: _, ...without } = options;
      const resume = saved.at(-1) as Uint8Array;
      const { epoch, model } = await train(few, { ...without, epochs: trained.history.length, resume });
      expect(epoch).toBe(trained.epoch);
      expect(model).toEqual(trained.model);
    });

    test("goes on from epochs without one to the same, or refuses if the model of the best is gone", async () => {
      const { trained, saved } = await withCheckpoints();
      const { patience: _, ...without } = options;
      const others: Uint8Array[] = [];
      await train(few, {
        ...{ ...without, epochs: trained.history.length },
        onEpoch: (_, checkpoint) => void others.push(checkpoint()),
      });
      for (const [i, resume] of others.entries()) {
        const epochs = i + 1;
        if (epochs <= trained.epoch) expect((await withCheckpoints({ resume })).trained).toEqual(trained);
        else {
          await expect(train(few, { ...options, resume })).rejects.toThrow(
            `"patience" expected a checkpoint with the model of its best epoch, which is ${trained.epoch} of ${epochs}, got one`,
          );
        }
      }
      // The model of the best epoch is also gone once a training with patience was resumed without.
      const more = { ...without, epochs: trained.history.length + 1, resume: saved.at(-1) as Uint8Array };
      await train(few, { ...more, onEpoch: (_, checkpoint) => void others.push(checkpoint()) });
      await expect(train(few, { ...options, resume: others.at(-1) as Uint8Array })).rejects.toThrow(
        '"patience" expected a checkpoint with the model of its best epoch',
      );
    });

    test("has the best of the epochs that were measured, after others without held-out data", async () => {
      const { patience: _, heldOut: __, ...without } = options;
      const saved: Uint8Array[] = [];
      await train(few, { ...without, epochs: 1, onEpoch: (_, checkpoint) => void saved.push(checkpoint()) });
      const { epoch, model } = await train(few, { ...options, resume: saved[0] as Uint8Array });
      const uninterrupted = await train(few, options);
      expect(epoch).toBe(uninterrupted.epoch);
      expect(model).toEqual(uninterrupted.model);
    });

    test("and without one, goes on from where it stood, not from its best", async () => {
      const { trained, saved } = await withCheckpoints();
      const { patience: _, ...without } = options;
      const epochs = trained.history.length + 1;
      const resumed = await train(few, { ...without, epochs, resume: saved.at(-1) as Uint8Array });
      expect(resumed.model).toEqual((await train(few, { ...without, epochs })).model);
    });
  });

  test("makes a sampler before each epoch, and refreshes it every so many steps with the tables as they are", async () => {
    const seen: { rows: Float32Array; biases: Float32Array }[] = [];
    let made = 0;
    const sampler: SamplerFactory = (rows, biases) => {
      made++;
      expect([rows.length, biases.length]).toEqual([40, 5]);
      const refresh: Sampler["refresh"] = (newRows, newBiases) => {
        seen.push({ rows: newRows, biases: newBiases });
        return { kind: "reassigned", moved: 2, seconds: 0 };
      };
      return { ...uniformSampler(5), refresh };
    };
    const { history, model } = await train(examples, { dim: 8, epochs: 2, batchSize: 64, sampler, refreshEvery: 3 });
    expect(made).toBe(2); // 639 examples: ten steps, refreshed before the 4th, 7th and 10th
    expect(history.map(({ refreshes, moved }) => ({ ...refreshes, moved }))).toEqual([
      { none: 0, reassigned: 3, rebuilt: 0, moved: 6 },
      { none: 0, reassigned: 3, rebuilt: 0, moved: 6 },
    ]);
    expect(seen[0]?.rows).not.toEqual(seen[1]?.rows);
    expect(seen[5]?.rows).not.toEqual(model.tables.classes);
  });

  test.each(["A", "B"] as const)("asks for each query's draws with a seed of its own, form %s", async (form) => {
    const seeds = new Set<bigint>();
    const excluded: number[] = [];
    const sampler: SamplerFactory = () => {
      const by = uniformSampler(5);
      const draw: Sampler["draw"] = (query, count, out, seed) => {
        seeds.add(seed);
        excluded.push(...Array.from(out));
        return by.draw(query, count, out, seed);
      };
      return { ...by, draw };
    };
    await train(examples, { dim: 8, epochs: 2, batchSize: 50, sampler, form, negatives: 2 });
    expect(seeds.size).toBe(2 * 639);
    // Form B leaves out the positive of each query, form A none.
    const positives = Array.from(examples.positives.ids).flatMap((id) => [id, id]);
    expect(excluded.sort()).toEqual(form === "B" ? positives.sort() : []);
  });

  test("tells its progress, and ends with the signal's reason", async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const running = train(examples, {
      dim: 8,
      batchSize: 200,
      signal: controller.signal,
      onProgress(progress) {
        done.push(progress.done);
        if (done.length === 5) controller.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(done).toEqual([200, 400, 600, 639, 200]);
  });

  test.each([
    [
      "an id that is none",
      { positives: { ...examples.positives, ids: examples.positives.ids.map(() => 5) } },
      '"examples.positives.ids"[0] expected 0..4, got 5',
    ],
    [
      "a row without a positive",
      {
        positives: {
          offsets: examples.positives.offsets.map((o) => Math.max(0, o - 1)),
          ids: examples.positives.ids.slice(1),
        },
      },
      '"examples.positives" row 0 expected at least one id',
    ],
    [
      "a weight that is no number",
      { features: { ...examples.features, weights: examples.features.weights.map(() => Number.NaN) } },
      '"examples.features.weights"[0] expected a finite number, got NaN',
    ],
    [
      "more features than positions",
      {
        positionCount: 1,
        features: {
          offsets: examples.features.offsets.map((o, row) => (row === 0 ? 0 : o + 1)),
          ids: Int32Array.of(0, ...examples.features.ids),
          weights: Float32Array.of(1, ...examples.features.weights),
        },
      },
      '"examples.features" row 0 expected at most 1 ids, got 2',
    ],
    [
      "other numbers of rows",
      { positives: { offsets: examples.positives.offsets.slice(0, -1), ids: examples.positives.ids.slice(0, -1) } },
      '"examples.positives" expected 639 rows, got 638',
    ],
  ])("refuses %s by name", async (_name, part, message) => {
    await expect(train({ ...examples, ...part }, { dim: 8 })).rejects.toThrow(message);
  });

  test.each([
    [{ dim: 6 }, '"dim" expected a multiple of 4'],
    [{ dim: "64" as never }, '"dim" expected an integer, got "64"'],
    [{ batchSize: 0 }, '"batchSize" expected 1 or more'],
    [{ epochs: 1.5 }, '"epochs" expected an integer'],
    [{ patience: 1 }, '"patience" expected "heldOut"'],
    [{ learningRate: -1 }, '"learningRate" expected 0 to 1024'],
    [{ negatives: 0 }, '"negatives" expected 1 or more'],
  ] as const)("refuses %o", async (options, message) => {
    await expect(train(examples, options)).rejects.toThrow(message);
  });

  test.each([
    [{ ids: Int32Array.of(7), logQ: Float64Array.of(0) }, '"sampler" expected ids in 0..4, got 7 from uniform'],
    [undefined as never, '"sampler" expected 1 draws, got none from uniform'],
  ])("refuses draws that are no classes", async (drawn, message) => {
    const options = { dim: 8, negatives: 1, sampler: () => ({ ...uniformSampler(5), draw: () => drawn }) };
    await expect(train(examples, options)).rejects.toThrow(message);
  });
});

describe("metrics", () => {
  /** Logits are the biases: class 3 is best, then 0 and 1, equal, then 2. */
  const model: Model = {
    shape: { classCount: 4, featureCount: 1, dim: 4, positionCount: 0, hidden: "none" },
    tables: {
      classes: new Float32Array(16),
      bias: Float32Array.from([1, 1, 0, 2]),
      features: new Float32Array(4),
    },
  };
  const examples = {
    features: { offsets: Uint32Array.of(0, 1, 1), ids: Int32Array.of(0), weights: Float32Array.of(1) },
    positives: { offsets: Uint32Array.of(0, 1, 3), ids: Int32Array.of(1, 3, 2) },
    ...{ featureCount: 1, classCount: 4, positionCount: 0 },
  };
  const logZ = Math.log(2 * Math.E + 1 + Math.E ** 2);
  const of = (k: number) => metricsOf(modelKernels(), model, examples, [0, 1], k);

  test("are those that are reckoned by hand, equal scores by lower id", () => {
    const loss = (logZ - 1 + (logZ - (2 + 0) / 2)) / 2;
    const gain = (rank: number) => 1 / Math.log2(rank + 2);
    const three = of(3); // row 0: class 1 at rank 2; row 1: class 3 at rank 0, class 2 at rank 3
    expect(three.loss).toBeCloseTo(loss, 6);
    expect(three.perplexity).toBeCloseTo(Math.exp(loss), 5);
    expect(three.recall).toBeCloseTo((1 + 0.5) / 2, 12);
    expect(three.precision).toBeCloseTo(1 / 3, 12);
    expect(three.ndcg).toBeCloseTo((gain(2) + gain(0) / (gain(0) + gain(1))) / 2, 12);
    expect(of(1)).toMatchObject({ recall: 0.25, precision: 0.5, ndcg: 0.5, rowCount: 2, k: 1 });
    expect(of(2).recall).toBe(0.25);
  });
});
