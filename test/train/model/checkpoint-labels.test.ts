import { describe, expect, test } from "vitest";
import { FormatError } from "../../../src/bytes/format-error.ts";
import { type Checkpoint, writeCheckpoint } from "../../../src/train/model/checkpoint.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import { trainWith } from "../../../src/train/model/train.ts";
import type { TrainOptions } from "../../../src/train/model/train-options.ts";
import { xxh64 } from "../../fixtures/index-file.ts";
import { flipBit } from "../../hostile/flip.ts";
import { reseal } from "../../hostile/reseal.ts";
import { modelKernels } from "./instances.ts";
import { chainExamples } from "./toy.ts";

const examples = chainExamples(40, 3, 2);
const LABELS = ["a", "é\n", '"', "", "\u{1f600}"];
const OPTIONS: TrainOptions = { dim: 4, epochs: 2, batchSize: 20 };

/** Runs a small training and returns its checkpoints, one per epoch. */
async function checkpoints(options: TrainOptions): Promise<Uint8Array<ArrayBuffer>[]> {
  const saved: Uint8Array<ArrayBuffer>[] = [];
  await trainWith(modelKernels(), examples, {
    ...OPTIONS,
    ...options,
    onEpoch(_, checkpoint) {
      saved.push(checkpoint());
    },
  });
  return saved;
}

const read = (bytes: Uint8Array): Checkpoint => readCheckpoint(bytes, xxh64);
const [plain, named] = await Promise.all([checkpoints({}), checkpoints({ labels: LABELS, featureLabels: LABELS })]);
const file = named[1] as Uint8Array<ArrayBuffer>;

describe("a checkpoint with labels", () => {
  test("is read back as it was written, and has the model of a training without them", () => {
    const { labels, featureLabels, ...others } = read(file);
    expect([labels, featureLabels]).toEqual([LABELS, LABELS]);
    expect(others).toEqual(read(plain[1] as Uint8Array));
    expect(writeCheckpoint(read(file), xxh64)).toEqual(file);
    expect(Buffer.from(file).includes('midx.checkpoint":"2.3')).toBe(true);
  });

  test("keeps them when it is resumed, and takes no others", async () => {
    const resume = named[0] as Uint8Array;
    expect(await checkpoints({ resume })).toEqual([file]);
    expect(await checkpoints({ resume, labels: LABELS })).toEqual([file]);
    const [first, second, ...others] = LABELS as [string, string, ...string[]];
    await expect(checkpoints({ resume, labels: [second, first, ...others] })).rejects.toThrow(
      '"labels"[0] expected "a", as in the checkpoint that is resumed, got "é\\n": pass the data of that training',
    );
  });

  test("may go on from one without", async () => {
    const [resumed] = await checkpoints({ resume: plain[0] as Uint8Array, labels: LABELS });
    expect(read(resumed as Uint8Array)).toEqual({ ...read(plain[1] as Uint8Array), labels: LABELS });
  });

  test("with any bit of its last 256 bytes flipped is refused, also where checksums are made right", () => {
    const changed: string[] = [];
    for (let bit = 8 * Math.max(0, file.byteLength - 256); bit < 8 * file.byteLength; bit++) {
      expect(() => read(flipBit(file, bit)), `bit ${bit}`).toThrow(FormatError);
      try {
        changed.push(JSON.stringify([read(reseal(flipBit(file, bit))).labels]));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    // Some bits make other names, or other numbers of the state, that are as good.
    expect(changed.length).toBeGreaterThan(0);
  });

  test.each<[string, readonly string[]]>([
    ["a list of another length", LABELS.slice(1)],
    ["one name twice", ["a", "a", "b", "c", "d"]],
    ["a number among them", [7 as unknown as string, "a", "b", "c", "d"]],
    ["half of a character", ["\ud800", "a", "b", "c", "d"]],
    ["an object in place of the list", {} as readonly string[]],
  ])("with %s is refused", (_, labels) => {
    const bytes = writeCheckpoint({ ...read(file), labels }, xxh64);
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code: "tensor-value" }));
    expect(() => read(bytes)).toThrow(/tensor "labels" expected a JSON array of 5 different texts/);
  });
});

test.each<[keyof TrainOptions, unknown, string]>([
  ["labels", "abcde", '"labels" expected an array of strings, got string'],
  ["labels", LABELS.slice(1), '"labels" expected 5 labels, got 4'],
  ["featureLabels", ["a", "b", "c", "d", 7], '"featureLabels"[4] expected a string, got number'],
])("training refuses %s %j", async (option, value, message) => {
  await expect(checkpoints({ [option]: value })).rejects.toThrow(message);
});
