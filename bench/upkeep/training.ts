import { readFileSync } from "node:fs";
import { queriesOf } from "../../src/train/model/evaluation.ts";
import { occurrences, rowCount } from "../../src/train/model/examples.ts";
import { instantiateModelKernels } from "../../src/train/model/kernels.ts";
import { orderOf, spacedRows } from "../../src/train/model/order.ts";
import { modelOf, planRun } from "../../src/train/model/run.ts";
import { shapeFor } from "../../src/train/model/shape.ts";
import { nextWordExamples } from "../../src/train/model/tasks.ts";
import { settingsOf } from "../../src/train/model/train-options.ts";
import { createSamplerWith } from "../../src/train/samplers/create.ts";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import { samplerTools } from "../library.ts";
import { WORDS, wordsOf } from "../text.ts";
import { cpuMillis } from "../timing.ts";

export const SETTINGS = { dim: 64, batch: 64, negatives: 100 };
const HISTORY = 4;
/** The interval of refreshes, as `refreshEvery` of a training. */
const REFRESH_EVERY = 500;

/** The classes of a model in training, with queries that the model makes of held-out text at that time. */
export interface TrainingState {
  readonly steps: number;
  readonly rows: Float32Array;
  readonly biases: Float32Array;
  readonly queries: readonly Float32Array[];
  /** CPU milliseconds of a step since the last state, without refreshes. */
  readonly stepMillis: number;
}

/**
 * Trains the model of `midx train --task lm --sampler midx` on WikiText-2, and yields its state after each of these
 * numbers of steps, in ascending order. A query is the sum of the four words before, by position.
 */
export async function* trainedStates(wanted: readonly number[], queryCount: number): AsyncGenerator<TrainingState> {
  const module = new WebAssembly.Module(readFileSync(new URL("../../build/model.wasm", import.meta.url)));
  const examples = nextWordExamples(wordsOf("train"), WORDS, HISTORY);
  const heldOut = nextWordExamples(wordsOf("valid"), WORDS, HISTORY);
  const heldOutRows = spacedRows(rowCount(heldOut.positives), queryCount);
  const { dim, batch: batchSize, negatives } = SETTINGS;
  const unused = (): Sampler => {
    throw new Error("the sampler is made of the tables");
  };
  const options = { dim, batchSize, negatives, form: "B", sampler: unused } as const;
  const run = planRun(
    instantiateModelKernels(module),
    examples,
    shapeFor(examples, dim, "none"),
    settingsOf(options, examples),
    options,
    undefined,
  );
  const classes = () => {
    const { tables } = modelOf(run);
    return { rows: tables.classes as Float32Array, biases: tables.bias as Float32Array };
  };
  const sampler = await createSamplerWith(
    samplerTools(),
    { kind: "midx" },
    { ...classes(), counts: occurrences(examples.positives.ids, WORDS) },
  );
  const order = orderOf(rowCount(examples.positives), 0n, 1);
  let [spent, since] = [0, 0];
  for (let step = 0; step <= (wanted.at(-1) as number); step++) {
    if (step % REFRESH_EVERY === 0 && step > 0) {
      const { rows, biases } = classes();
      sampler.refresh(rows, biases);
    }
    if (wanted.includes(step)) {
      const flat = queriesOf(instantiateModelKernels(module), modelOf(run), heldOut, heldOutRows);
      const queries = Array.from(heldOutRows, (_, i) => flat.slice(i * dim, (i + 1) * dim));
      yield { steps: step, ...classes(), queries, stepMillis: spent / since };
      [spent, since] = [0, 0];
    }
    const start = cpuMillis();
    run.step(order.subarray(step * batchSize, (step + 1) * batchSize), step * batchSize, sampler);
    spent += cpuMillis() - start;
    since++;
  }
}
