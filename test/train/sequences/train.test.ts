import { describe, expect, test } from "vitest";
import { raggedOf } from "../../../src/train/model/tasks.ts";
import { queriesAfter, sequenceMetrics } from "../../../src/train/sequences/metrics.ts";
import type { SequenceOptions } from "../../../src/train/sequences/options.ts";
import type { Sequences } from "../../../src/train/sequences/sequences.ts";
import { trainSequencesWith } from "../../../src/train/sequences/train.ts";
import { F32 } from "../../encoder/plain-gru.ts";
import { EVERY } from "../../run/size.ts";
import { modelKernels } from "../model/instances.ts";
import { uniformSampler } from "../model/samplers.ts";
import { randomCodes } from "../rows.ts";
import { type PlainTables, plainQueries } from "./plain-model.ts";

const train = (sequences: Sequences, options: SequenceOptions) =>
  trainSequencesWith(modelKernels(), sequences, options);
const ITEMS = 12;
/** Sequences of 1 … 9 random items: the first has none to predict. */
const sequences: Sequences = {
  ...raggedOf(Array.from({ length: 18 }, (_, row) => randomCodes(1 + (row % 9), ITEMS, row + 1))),
  itemCount: ITEMS,
};
const OPTIONS: SequenceOptions = { dim: 8, epochs: 3, batchSize: 4, length: 5, seed: 5, heldOut: sequences };

const ATTENTION: SequenceOptions = { ...OPTIONS, encoder: "attention", blocks: 2 };

/**
 * A text whose next item depends on the item before the last one: 0 or 1, which comes again after every two items of 2 … 5.
 * A model without memory is wrong half of the time.
 */
function remembered(length: number, seed: number): Sequences {
  const codes = randomCodes(length, 4, seed);
  let bit = 0;
  const ids = Int32Array.from(codes, (code, i) => {
    if (i % 3 === 0) return bit;
    if (i % 3 === 1) bit = code % 2;
    return i % 3 === 1 ? 2 + bit : 4 + (code % 2);
  });
  return { offsets: Uint32Array.of(0, length), ids, itemCount: 6 };
}

describe("a training of sequences", () => {
  /** `npm test` takes each encoder, the first by draws. */
  const WAYS: readonly (readonly [string, SequenceOptions])[] = [
    ["shared draws", { sampler: () => uniformSampler(6), negatives: 60 }],
    ["attention", { encoder: "attention", blocks: 1 }],
    ["all classes", {}],
    ["a table of its own and a projection", { tied: false, units: 12 }],
  ];
  test.each(EVERY ? WAYS : WAYS.slice(0, 2))(
    "learns what only the items before can tell, by %s",
    async (_, options) => {
      const common = { dim: 16, epochs: 6, batchSize: 10, length: 12, carry: true, dropout: 0, learningRate: 0.02 };
      const { model } = await train(remembered(6000, 1), { ...common, ...options });
      const of = { k: 1, positions: "all", length: 12, carry: true, withoutSeen: false, limit: 3000 } as const;
      const { loss, recall } = sequenceMetrics(modelKernels(), model, remembered(3000, 2), of);
      // Two thirds of the items are one of two at random, with ln 2 each. The others follow from the item two before.
      expect(loss).toBeLessThan((2 / 3) * Math.LN2 + 0.03);
      expect(recall).toBeGreaterThan(0.63);
    },
  );

  test("refuses a checkpoint that is asked for in a later epoch", async () => {
    const asked: (() => Uint8Array)[] = [];
    const options = {
      ...OPTIONS,
      epochs: 2,
      onEpoch: (_: unknown, checkpoint: () => Uint8Array) => void asked.push(checkpoint),
    };
    await train(sequences, options);
    expect(() => asked[0]?.()).toThrow("checkpoint() of epoch 1 expected a call before epoch 2 begins, got one after");
    expect(asked[1]?.()).toBeInstanceOf(Uint8Array);
  });

  test.each(["adam", "adagrad", "sgd"] as const)("with %s has the bits of one that was resumed", async (optimizer) => {
    const options = { ...OPTIONS, optimizer, sampler: () => uniformSampler(ITEMS), negatives: 6, patience: 3 };
    const saved: Uint8Array[] = [];
    const once = await train(sequences, {
      ...options,
      onEpoch(_, checkpoint) {
        saved.push(checkpoint());
      },
    });
    for (const resume of saved) {
      const { model, history } = await train(sequences, { ...options, resume });
      expect(model).toEqual(once.model);
      expect(history).toEqual(once.history);
    }
    const resume = saved[0] as Uint8Array;
    await expect(train(sequences, { ...options, dropout: 0.1, resume })).rejects.toThrow('"dropout" expected 0.2');
    await expect(train(sequences, { ...options, units: 4, resume })).rejects.toThrow('"units" expected 8');
    const others = { ...sequences, ids: sequences.ids.slice().reverse() };
    await expect(train(others, { ...options, resume })).rejects.toThrow(
      '"sequences" expected the same data as in the checkpoint that is resumed, got others of the same size: pass the data of that training',
    );
    const named = () => ({ ...uniformSampler(ITEMS), name: "other" });
    for (const before of [resume, saved.at(-1) as Uint8Array]) {
      await expect(train(sequences, { ...options, sampler: named, resume: before })).rejects.toThrow(
        '"sampler" expected uniform, as in the checkpoint that is resumed, got other',
      );
    }
    const inBatch = () => ({ ...uniformSampler(ITEMS), name: "in-batch", useBatch: () => undefined });
    await expect(train(sequences, { ...options, sampler: inBatch })).rejects.toThrow('another kind than "in-batch"');
    await expect(train(sequences, { ...options, resume: resume.slice(0, -4) })).rejects.toThrow("file-truncated");
  });

  test("of attention has the bits of one that was resumed, with its schedule", async () => {
    const options = { ...ATTENTION, betas: [0.9, 0.98], warmup: 3, schedule: "cosine", epochs: 3 } as const;
    const saved: Uint8Array[] = [];
    const onEpoch = (_: unknown, checkpoint: () => Uint8Array) => {
      saved.push(checkpoint());
    };
    const once = await train(sequences, { ...options, onEpoch });
    const before = saved.splice(0);
    const again = await train(sequences, { ...options, resume: before[0] as Uint8Array, onEpoch });
    expect(again).toEqual(once);
    expect(saved).toEqual(before.slice(1));
    const resume = before[0] as Uint8Array;
    await expect(train(sequences, { ...options, epochs: 4, resume })).rejects.toThrow('"epochs" expected 3');
    await expect(train(sequences, { ...options, betas: [0.9, 0.99], resume })).rejects.toThrow(
      '"betas" expected 0.9 0.98',
    );
    await expect(train(sequences, { ...options, heads: 2, resume })).rejects.toThrow('"heads" expected 1');
  });

  test("has the bits of one that was resumed, where the power of one beta underflows long before that of the other", async () => {
    const options = { ...ATTENTION, betas: [0.9, 0], epochs: 2 } as const;
    const saved: Uint8Array[] = [];
    const once = await train(sequences, { ...options, onEpoch: (_, checkpoint) => void saved.push(checkpoint()) });
    expect(await train(sequences, { ...options, resume: saved[0] as Uint8Array })).toEqual(once);
  });

  test.each([
    ["all classes", {}],
    ["shared draws and two heads", { sampler: () => uniformSampler(6), negatives: 20, heads: 2 }],
  ] as const)("of attention learns what an item before the last one tells, by %s", async (_, options) => {
    /** The same text in pieces of twelve positions, which begin with an item that comes again. */
    const pieces = (length: number, seed: number): Sequences => {
      const { ids, itemCount } = remembered(length, seed);
      const rows = Array.from({ length: Math.floor((length - 1) / 12) }, (_, i) => ids.subarray(12 * i, 12 * i + 13));
      return { ...raggedOf(rows), itemCount };
    };
    const common = { dim: 16, blocks: 1, length: 12, epochs: 6, batchSize: 8, dropout: 0.05, learningRate: 0.01 };
    const { model } = await train(pieces(6000, 1), { encoder: "attention", ...common, ...options });
    const of = { k: 1, positions: "all", length: 12, carry: false, withoutSeen: false, limit: 500 } as const;
    const { loss, recall } = sequenceMetrics(modelKernels(), model, pieces(3000, 2), of);
    expect(loss).toBeLessThan((2 / 3) * Math.LN2 + 0.03);
    expect(recall).toBeGreaterThan(0.63);
  });

  test("draws once for windows that share draws, and goes on with no other number of positions", async () => {
    const drawnBy = async (sharedBy: number) => {
      let draws = 0;
      const sampler = () => {
        const uniform = uniformSampler(ITEMS);
        const draw: typeof uniform.draw = (...args) => {
          draws++;
          return uniform.draw(...args);
        };
        return { ...uniform, draw };
      };
      const saved: Uint8Array[] = [];
      const onEpoch = (_: unknown, checkpoint: () => Uint8Array) => void saved.push(checkpoint());
      await train(sequences, { ...OPTIONS, epochs: 1, batchSize: 18, sampler, negatives: 6, sharedBy, onEpoch });
      return { draws, checkpoint: saved[0] as Uint8Array };
    };
    // Two windows each of 1, 2, 3 and 4 positions, and eight of the longest, 5.
    expect(await drawnBy(0)).toMatchObject({ draws: 2 * (1 + 2 + 3 + 4) + 8 * 5 });
    expect(await drawnBy(1)).toMatchObject({ draws: 16 });
    expect(await drawnBy(4)).toMatchObject({ draws: 8 + 2 + 2 + 1 + 1 });
    const { draws, checkpoint } = await drawnBy(100);
    expect(draws).toBe(1);
    const others = { ...OPTIONS, batchSize: 18, sampler: () => uniformSampler(ITEMS), negatives: 6 };
    await expect(train(sequences, { ...others, sharedBy: 4, resume: checkpoint })).rejects.toThrow(
      '"sharedBy" expected 100',
    );
    await expect(train(sequences, { ...others, sharedBy: 0, resume: checkpoint })).rejects.toThrow(
      '"sharedBy" expected 100',
    );
    await expect(train(sequences, { ...OPTIONS, sharedBy: 4 })).rejects.toThrow(
      '"sharedBy" expected "sampler" beside it',
    );
  });

  test("reads the state of the stream before it: two windows of 3 have the loss of one of 6", async () => {
    const text = { offsets: Uint32Array.of(0, 7), ids: Int32Array.of(3, 1, 4, 1, 5, 9, 2), itemCount: ITEMS };
    const lossOf = async (length: number, carry: boolean) => {
      const options = { dim: 8, epochs: 1, batchSize: 1, dropout: 0, learningRate: 0, seed: 5 };
      const { history } = await train(text, { ...options, length, carry });
      return history[0]?.loss as number;
    };
    expect(await lossOf(3, true)).toBeCloseTo(await lossOf(6, true), 12);
    // Without carry only the last three positions are learned from.
    expect(Math.abs((await lossOf(3, false)) - (await lossOf(6, false)))).toBeGreaterThan(1e-3);
  });

  test("reads windows of a text by themselves with attention: two of 3 have the loss of two sequences", async () => {
    const text = { offsets: Uint32Array.of(0, 7), ids: Int32Array.of(3, 1, 4, 1, 5, 9, 2), itemCount: ITEMS };
    const two = { offsets: Uint32Array.of(0, 4, 8), ids: Int32Array.of(3, 1, 4, 1, 1, 5, 9, 2), itemCount: ITEMS };
    const { model } = await train(text, { encoder: "attention", dim: 8, length: 3, epochs: 2, carry: true });
    const lossOf = (read: Sequences, carry: boolean) => {
      const of = { k: 1, positions: "all", length: 3, carry, withoutSeen: false, limit: 100 } as const;
      return sequenceMetrics(modelKernels(), model, read, of).loss;
    };
    expect(lossOf(text, true)).toBeCloseTo(lossOf(two, false), 12);
  });

  test("drops inputs and outputs, the same ones for the same seed", async () => {
    const { model } = await train(sequences, OPTIONS);
    expect((await train(sequences, OPTIONS)).model).toEqual(model);
    expect((await train(sequences, { ...OPTIONS, dropout: 0 })).model).not.toEqual(model);
    expect((await train(sequences, { ...OPTIONS, seed: 6 })).model).not.toEqual(model);
  });

  test("clips the norm of all gradients together", async () => {
    const options = { ...OPTIONS, epochs: 1, batchSize: 18, optimizer: "sgd", learningRate: 1, dropout: 0 } as const;
    const { model: before } = await train(sequences, { ...options, epochs: 0 });
    const { model: after } = await train(sequences, { ...options, clip: 0.01 });
    let squares = 0;
    for (const [name, values] of Object.entries(before.tables)) {
      const moved = after.tables[name as keyof typeof after.tables] as Float32Array;
      for (const [i, value] of values.entries()) squares += (value - (moved[i] as number)) ** 2;
    }
    expect(Math.sqrt(squares)).toBeCloseTo(0.01, 4);
  });

  test("has queries with the bits of the plain encoder, in a batch and alone", async () => {
    for (const options of [{}, { units: 12 }, { tied: false, units: 4 }]) {
      const { model } = await train(sequences, { ...OPTIONS, ...options, epochs: 1 });
      const plain: PlainTables = Object.fromEntries(
        Object.entries(model.tables).map(([name, values]) => [name, [...(values as Float32Array)]]),
      );
      const rows = [0, 3, 8];
      const queries = queriesAfter(modelKernels(), model, sequences, rows);
      for (const [i, row] of rows.entries()) {
        const items = [...sequences.ids.subarray(sequences.offsets[row], sequences.offsets[row + 1])];
        const expected = plainQueries(F32, plain, 8, items).at(-1) as number[];
        expect([...queries.subarray(i * 8, (i + 1) * 8)]).toEqual(expected.map(Math.fround));
      }
    }
  });

  test("ranks without the items that were seen", async () => {
    const { model } = await train(sequences, { ...OPTIONS, epochs: 1 });
    const of = { k: 3, positions: "last", length: 5, carry: false, limit: 100 } as const;
    const [all, unseen] = [false, true].map((withoutSeen) =>
      sequenceMetrics(modelKernels(), model, sequences, { ...of, withoutSeen }),
    );
    expect(unseen?.loss).toBe(all?.loss);
    expect(unseen?.recall as number).toBeGreaterThan(all?.recall as number);
    expect(all?.rowCount).toBe(16);
  });
});

describe("bad input", () => {
  const one = { offsets: Uint32Array.of(0, 1), ids: Int32Array.of(0), itemCount: 3 };
  test.each<[string, Sequences, SequenceOptions, string]>([
    ["nothing to predict", one, {}, '"sequences" expected a sequence of at least two items'],
    ["an unknown item", { ...sequences, itemCount: 3 }, {}, '"sequences.ids"['],
    ["a single item", { ...sequences, itemCount: 1 }, {}, '"sequences.itemCount" expected 2 or more'],
    ["a width that is no multiple of 4", sequences, { dim: 6 }, '"dim" expected a multiple of 4 in 4..4096, got 6'],
    ["units that are none", sequences, { units: 2 }, '"units" expected a multiple of 4 in 4..4096, got 2'],
    ["a dropout of everything", sequences, { dropout: 1 }, '"dropout" expected 0 to 0.99, got 1'],
    ["blocks of gated units", sequences, { blocks: 2 }, '"blocks" expected the encoder attention, got gru'],
    [
      "units of attention",
      sequences,
      { encoder: "attention", units: 8 },
      '"units" expected the encoder gru, got attention',
    ],
    ["an unknown encoder", sequences, { encoder: "lstm" as never }, '"encoder" expected gru or attention, got "lstm"'],
    [
      "heads of no whole width",
      sequences,
      { encoder: "attention", dim: 8, heads: 3 },
      '"heads" expected a divisor of dim / 4',
    ],
    ["a schedule that is none", sequences, { schedule: "linear" as never }, '"schedule" expected constant or cosine'],
    ["a single beta", sequences, { betas: [0.9] as never }, '"betas" expected an array of two numbers'],
    ["a beta of 1", sequences, { betas: [0.9, 1] }, '"betas[1]" expected 0 to 0.9999, got 1'],
    [
      "betas of sgd",
      sequences,
      { optimizer: "sgd", betas: [0.9, 0.9] },
      '"betas" expected the optimizer adam, got sgd',
    ],
    ["a window of nothing", sequences, { length: 0 }, '"length" expected 1 or more, got 0'],
    ["negatives without a sampler", sequences, { negatives: 3 }, '"negatives" expected "sampler" beside it'],
    ["patience without held-out sequences", sequences, { patience: 3 }, '"patience" expected "heldOut" beside it'],
    ["held-out sequences of other items", sequences, { heldOut: { ...sequences, itemCount: 13 } }, "as in sequences"],
    [
      "a rate that diverges",
      sequences,
      { dim: 8, optimizer: "sgd", learningRate: 1024, weightDecay: 1024, epochs: 20 },
      '. Try a "learningRate" below 1024',
    ],
    [
      "a row without values in deep attention",
      sequences,
      { encoder: "attention", dim: 4, blocks: 8, dropout: 0.9, learningRate: 1e-9 },
      'is not finite. Try a "dim" above 4, "blocks" below 8 or a "dropout" below 0.9, since whole rows are dropped, or',
    ],
  ])("%s is refused by name", async (_, given, options, message) => {
    await expect(train(given, options)).rejects.toThrow(message);
  });
});
