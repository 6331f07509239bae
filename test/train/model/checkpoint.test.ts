import { describe, expect, test } from "vitest";
import { FormatError } from "../../../src/bytes/format-error.ts";
import type { Checkpoint } from "../../../src/train/model/checkpoint.ts";
import { writeCheckpoint } from "../../../src/train/model/checkpoint.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import { trainWith } from "../../../src/train/model/train.ts";
import type { TrainOptions } from "../../../src/train/model/train-options.ts";
import { xxh64 } from "../../fixtures/index-file.ts";
import { flipBit } from "../../hostile/flip.ts";
import { reseal } from "../../hostile/reseal.ts";
import { modelKernels } from "./instances.ts";
import { chainExamples } from "./toy.ts";

const examples = chainExamples(40, 3, 2);
const heldOut = chainExamples(10, 4, 2);
const OPTIONS: TrainOptions = {
  dim: 4,
  epochs: 3,
  batchSize: 20,
  optimizer: "adam",
  learningRate: 0.01,
  patience: 3,
  heldOut,
};

/** Runs a small training and returns its checkpoints, one per epoch. */
async function checkpoints(options: TrainOptions = OPTIONS): Promise<Uint8Array<ArrayBuffer>[]> {
  const saved: Uint8Array<ArrayBuffer>[] = [];
  await trainWith(modelKernels(), examples, {
    ...options,
    onEpoch(_, checkpoint) {
      saved.push(checkpoint());
    },
  });
  return saved;
}

const file = (await checkpoints())[1] as Uint8Array<ArrayBuffer>;
const read = (bytes: Uint8Array): Checkpoint => readCheckpoint(bytes, xxh64);

/** Changes metadata or tensors of the checkpoint and computes the checksums again. */
const altered = (change: (checkpoint: Checkpoint) => Checkpoint): Uint8Array =>
  writeCheckpoint(change(read(file)), xxh64);

const withTraining = (change: object): Uint8Array =>
  altered((checkpoint) => ({ ...checkpoint, training: { ...checkpoint.training, ...change } }));
const withSetting = (change: object): Uint8Array => {
  const { settings } = read(file).training;
  return withTraining({ settings: { ...settings, ...change } });
};

/** Replaces a text in the header by another of the same length and computes the checksums again. */
function replaced(text: string, by: string): Uint8Array {
  const bytes = Buffer.from(file);
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error(`no ${text} in the header`);
  bytes.write(by, at);
  return reseal(bytes);
}

/** All bits with MIDX_HOSTILE=whole (npm run test:hostile), otherwise one bit of every third byte. */
const bitsOf = ({ byteLength }: Uint8Array): number[] => {
  const bits = Array.from({ length: 8 * byteLength }, (_, bit) => bit);
  return process.env.MIDX_HOSTILE === "whole"
    ? bits
    : bits.filter((bit) => (bit >> 3) % 3 === 0 && bit % 8 === (bit >> 3) % 8);
};

describe("a checkpoint", () => {
  test("is read back as it was written", () => {
    expect(writeCheckpoint(read(file), xxh64)).toEqual(file);
  });

  test("of version 2.0, which does not know the data of its training, is resumed to the same bits", async () => {
    const { origin: _, ...training } = read(file).training;
    const old = writeCheckpoint({ ...read(file), training }, xxh64);
    expect(Buffer.from(old).includes('midx.checkpoint":"2.0')).toBe(true);
    expect(read(old).training).toEqual(training);
    expect(writeCheckpoint(read(old), xxh64)).toEqual(old);
    expect((await checkpoints({ ...OPTIONS, resume: old }))[0]).toEqual((await checkpoints())[2]);
  });

  test("with any of its bits flipped is refused", () => {
    const accepted: number[] = [];
    for (const bit of bitsOf(file)) {
      try {
        read(flipBit(file, bit));
        accepted.push(bit);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }
    expect(accepted).toEqual([]);
  });

  test("of any other length is refused", () => {
    for (let length = 0; length < file.byteLength; length += 7) {
      expect(() => read(file.subarray(0, length)), `${length} bytes`).toThrow(FormatError);
    }
    const longer = new Uint8Array(file.byteLength + 1);
    longer.set(file);
    expect(() => read(longer)).toThrow(FormatError);
  });

  test("with a flipped bit and checksums made right is refused, or goes on to a finite model", async () => {
    let [refused, harmless] = [0, 0];
    for (const bit of bitsOf(file)) {
      const resume = reseal(flipBit(file, bit));
      try {
        read(resume);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        refused++;
        continue;
      }
      harmless++;
      if (harmless % 50 > 0) continue; // trainings take most of the time
      const going = trainWith(modelKernels(), examples, { ...OPTIONS, resume });
      await going.then(
        ({ model }) => {
          for (const values of Object.values(model.tables)) expect(values.every(Number.isFinite)).toBe(true);
        },
        // The error names a setting that differs. Values near the largest number can diverge.
        (error: Error) => expect(error.message).toMatch(/expected .* as in the checkpoint|diverged in epoch/),
      );
    }
    expect(refused).toBeGreaterThan(0);
    expect(harmless).toBeGreaterThan(0);
  });

  const first = (checkpoint: Checkpoint): Record<string, Float32Array<ArrayBuffer>> =>
    Object.fromEntries(Object.entries(checkpoint.states).map(([name, values]) => [name, values.slice()]));
  test.each<[string, () => Uint8Array, string, RegExp]>([
    [
      "steps that are not those of its epochs",
      () => withTraining({ steps: 9_999_999_919 }),
      "training-metadata",
      /"steps" expected 4/,
    ],
    [
      "another number of epochs than it tells of",
      () => withTraining({ epoch: 3, steps: 6 }),
      "training-metadata",
      /"history"/,
    ],
    ["no epoch", () => withTraining({ epoch: 0, steps: 0, history: [] }), "training-metadata", /"epoch"/],
    [
      "a loss that is no number",
      () => withTraining({ history: read(file).training.history.map((epoch) => ({ ...epoch, loss: "1" })) }),
      "training-metadata",
      /report of epoch 1/,
    ],
    ["a batch of 0", () => withSetting({ batchSize: 0 }), "training-metadata", /"batch"/],
    ["examples beyond count", () => withSetting({ examples: 1e300 }), "training-metadata", /"examples"/],
    [
      "an unknown optimiser",
      () => replaced('optimiser\\":\\"adam', 'optimiser\\":\\"adak'),
      "training-metadata",
      /"optimiser"/,
    ],
    [
      "another optimizer than its states are of",
      () => replaced('"adam.square.bias":{', '"adam.sQuare.bias":{'),
      "tensor-table",
      /adam\.square\.bias/,
    ],
    [
      "a later version",
      () => replaced('midx.checkpoint":"2.1', 'midx.checkpoint":"3.0'),
      "checkpoint-version",
      /3\.0, expected 2\.1/,
    ],
    [
      "a version that does not have the origin that it has",
      () => replaced('midx.checkpoint":"2.1', 'midx.checkpoint":"2.0'),
      "header-checksum",
      /does not match/,
    ],
    ["a fingerprint of another form", () => withTraining({ origin: { data: "7" } }), "training-metadata", /16 hex/],
    [
      "a fingerprint of held-out data of another form",
      () => withTraining({ origin: { ...read(file).training.origin, heldOut: "7" } as never }),
      "training-metadata",
      /"heldOut" expected 16 hex/,
    ],
    [
      "a sampler without a name",
      () => withTraining({ origin: { ...read(file).training.origin, sampler: 7 } }),
      "training-metadata",
      /"sampler"/,
    ],
    ["a setting that is no value", () => withSetting({ form: { B: 1 } }), "training-metadata", /"form"/],
    ["settings of another width", () => withSetting({ dim: 8 }), "training-metadata", /"dim" expected 4/],
    [
      "a NaN among the weights",
      () => altered((c) => ({ ...c, tables: { ...c.tables, bias: Float32Array.of(0, Number.NaN, 0, 0, 0) } })),
      "tensor-value",
      /value 1 of tensor "bias"/,
    ],
    [
      "an infinite mean",
      () =>
        altered((c) => ({
          ...c,
          states: { ...first(c), "adam.mean.bias": Float32Array.of(Number.POSITIVE_INFINITY, 0, 0, 0, 0) },
        })),
      "tensor-value",
      /adam\.mean\.bias/,
    ],
    [
      "a mean of squares below 0",
      () => altered((c) => ({ ...c, states: { ...first(c), "adam.square.bias": Float32Array.of(0, 0, -1, 0, 0) } })),
      "tensor-value",
      /of at least 0, got -1/,
    ],
  ])("with %s is refused", (_, make, code, message) => {
    const bytes = make();
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code }));
    expect(() => read(bytes)).toThrow(message);
  });
});
