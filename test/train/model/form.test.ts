import { expect, test } from "vitest";
import { type Examples, occurrences, rowCount } from "../../../src/train/model/examples.ts";
import { metricsOf } from "../../../src/train/model/metrics.ts";
import { spacedRows } from "../../../src/train/model/order.ts";
import { readCheckpoint } from "../../../src/train/model/read-checkpoint.ts";
import { nextWordExamples, raggedOf } from "../../../src/train/model/tasks.ts";
import { trainWith } from "../../../src/train/model/train.ts";
import type { SamplerFactory, TrainOptions } from "../../../src/train/model/train-options.ts";
import { PURPOSE, uniforms } from "../../../src/train/random/uniforms.ts";
import { createSampler } from "../../../src/train/samplers/create-inlined.ts";
import { xxh64 } from "../../fixtures/index-file.ts";
import { EVERY } from "../../run/size.ts";
import { modelKernels } from "./instances.ts";
import { uniformSampler } from "./samplers.ts";
import { chainExamples, topicExamples } from "./toy.ts";

const WORDS = 500;

/** Makes a text whose words are as frequent as by Zipf's law, and half of which follow from the word before. */
function zipfText(length: number, seed: number): Examples {
  const uniform = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  const tokens = new Int32Array(length);
  for (let t = 1; t < length; t++) {
    const rank = Math.floor(WORDS ** uniform(2 * t)) - 1;
    const next = ((tokens[t - 1] as number) + 1 + (rank % 8)) % WORDS;
    tokens[t] = uniform(2 * t + 1) < 0.5 ? rank : next;
  }
  return nextWordExamples(tokens, WORDS, 4);
}

const [text, heldOut] = [zipfText(15_000, 1), zipfText(4000, 2)];
const common = { dim: 32, epochs: 3 };

async function perplexityOf(options: TrainOptions): Promise<number> {
  const { model } = await trainWith(modelKernels(), text, { ...common, ...options });
  return metricsOf(modelKernels(), model, heldOut, spacedRows(rowCount(heldOut.positives), 4000), 10).perplexity;
}

test("a text is learned within 10 % of the full softmax by the form that is the default", async () => {
  const full = await perplexityOf({});
  for (const kind of EVERY ? (["midx", "unigram"] as const) : (["midx"] as const)) {
    const counts = occurrences(text.positives.ids, WORDS);
    const sampler: SamplerFactory = (rows, biases) => createSampler({ kind }, { rows, biases, counts });
    expect((await perplexityOf({ sampler, negatives: 20 })) / full, kind).toBeLessThan(1.1);
    expect((await perplexityOf({ sampler, negatives: 20, form: "B" })) / full, kind).toBeGreaterThan(1.1);
  }
});

/** Returns the checkpoint after an epoch. */
async function checkpointOf(examples: Examples, options: TrainOptions): Promise<Uint8Array> {
  let bytes = new Uint8Array(0);
  await trainWith(modelKernels(), examples, {
    ...{ dim: 8, epochs: 1, ...options },
    onEpoch(_, checkpoint) {
      bytes = checkpoint();
    },
  });
  return bytes;
}

test("form A is the default where each example has one positive, form B where one has more", async () => {
  const sampler: SamplerFactory = (_, biases) => uniformSampler(biases.length);
  const of = (examples: Examples, more: TrainOptions) => checkpointOf(examples, { sampler, negatives: 4, ...more });
  const [words, labels] = [chainExamples(500, 1), topicExamples(200, 1)];
  expect(await of(words, {})).toEqual(await of(words, { form: "A" }));
  expect(await of(words, {})).not.toEqual(await of(words, { form: "B" }));
  expect(await of(labels, {})).toEqual(await of(labels, { form: "B" }));
});

test("checkpoints of the full softmax name the form that they always named", async () => {
  const bytes = await checkpointOf(chainExamples(100, 1), {});
  expect(readCheckpoint(bytes, xxh64).training.settings.form).toBe("B");
});

test("form B of examples that have all classes is the full softmax: no class is left to draw", async () => {
  const all = raggedOf(Array.from({ length: 5 }, () => [2, 0, 1]));
  const examples = { ...topicExamples(5, 1), positives: all, classCount: 3 };
  const options = { dim: 8, epochs: 1, batchSize: 5, optimizer: "sgd" } as const;
  const sampler: SamplerFactory = (rows, biases) => createSampler({ kind: "uniform" }, { rows, biases });
  const [full, sampled] = await Promise.all(
    [{}, { sampler, negatives: 4 }].map((more) => trainWith(modelKernels(), examples, { ...options, ...more })),
  );
  expect(sampled?.history[0]?.loss).toBeCloseTo(full?.history[0]?.loss as number, 6);
  for (const [table, values] of Object.entries(full?.model.tables ?? {})) {
    for (const [i, value] of values.entries()) {
      expect(sampled?.model.tables[table as "classes"]?.[i], `${table}[${i}]`).toBeCloseTo(value, 6);
    }
  }
});
