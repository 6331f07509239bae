import { readFileSync } from "node:fs";
import { type Examples, occurrences } from "../../src/train/model/examples.ts";
import { instantiateModelKernels } from "../../src/train/model/kernels.ts";
import { planRun, type Run } from "../../src/train/model/run.ts";
import { shapeFor } from "../../src/train/model/shape.ts";
import { valuesOf } from "../../src/train/model/tables.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { settingsOf, type TrainOptions } from "../../src/train/model/train-options.ts";
import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";
import { createSamplerWith, type SamplerOptions } from "../../src/train/samplers/create.ts";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import { samplerTools } from "../library.ts";
import { originOf } from "../origin.ts";
import { cpuTimes } from "../timing.ts";
import type { StepPoint, StepTimes } from "./result.ts";

const DIM = 64;
const BATCH = 64;
const NEGATIVES = 100;
const HISTORY = 4;
/** The words that make queries. Their number is the same at every size, so only the softmax grows. */
const FEATURES = 10_000;
const ROWS = 64 * BATCH;

const CLASS_COUNTS = [10_000, 33_000, 100_000, 330_000, 1_000_000];
const TURNS = 5;
/** The milliseconds of a turn. The system charges threads in ticks of 4 ms. */
const LEAST = 200;
/** Above this number of classes, samplers that look at every class for every query take seconds a step. */
const MOST_ENUMERATED = 100_000;

const TIMED: readonly { readonly name: string; readonly options: SamplerOptions; readonly mostClasses?: number }[] = [
  { name: "uniform", options: { kind: "uniform" } },
  { name: "unigram", options: { kind: "unigram" } },
  { name: "lsh", options: { kind: "lsh" } },
  { name: "quadratic", options: { kind: "quadratic" }, mostClasses: MOST_ENUMERATED },
  { name: "fourier", options: { kind: "fourier" }, mostClasses: MOST_ENUMERATED },
  { name: "midx, pq", options: { kind: "midx", quantizer: "pq" } },
  { name: "midx, rq", options: { kind: "midx" } },
  { name: "midx, head of 64", options: { kind: "midx", scan: 64 } },
];

const module = new WebAssembly.Module(readFileSync(new URL("../../build/model.wasm", import.meta.url)));

/** Times the steps. The kinds take turns in one run, so that their ratios are those of one machine at one time. */
export async function timeSteps(): Promise<StepTimes> {
  const points: StepPoint[] = [];
  for (const itemCount of CLASS_COUNTS) points.push({ itemCount, times: await timesAt(itemCount) });
  return {
    ...originOf("one core"),
    dim: DIM,
    batch: BATCH,
    negatives: NEGATIVES,
    points,
  };
}

async function timesAt(classCount: number): Promise<Record<string, number>> {
  const examples = randomExamples(classCount);
  const [full, sampled] = [planOne(examples, {}), planOne(examples, { sampler: unused })];
  const calls: Record<string, (call: number) => number> = { full: (call) => stepOf(full, call, undefined) };
  for (const { name, options, mostClasses = Number.POSITIVE_INFINITY } of TIMED) {
    if (classCount > mostClasses) continue;
    const { arena, tables } = sampled;
    const sampler = await createSamplerWith(samplerTools(), options, {
      rows: valuesOf(arena, tables.classes).slice(),
      biases: valuesOf(arena, tables.bias).slice(),
      counts: occurrences(examples.positives.ids, classCount).map((times) => times + 1),
    });
    calls[name] = (call) => stepOf(sampled, call, sampler);
  }
  return cpuTimes(TURNS, LEAST, calls);
}

/** Each step is given its sampler. One run serves all of them, since they all step the same tables. */
const unused = (): Sampler => {
  throw new Error("the samplers are made elsewhere");
};

function planOne(examples: Examples, given: Pick<TrainOptions, "sampler">): Run {
  const options = { dim: DIM, batchSize: BATCH, negatives: NEGATIVES, form: "B", ...given } as const;
  const kernels = instantiateModelKernels(module);
  return planRun(kernels, examples, shapeFor(examples, DIM, "none"), settingsOf(options, examples), options, undefined);
}

function stepOf({ step }: Run, call: number, sampler: Sampler | undefined): number {
  const rows = Uint32Array.from({ length: BATCH }, (_, b) => (call * BATCH + b) % ROWS);
  return step(rows, call * BATCH, sampler);
}

/** Random examples. */
function randomExamples(classCount: number): Examples {
  const uniform = uniforms({ seed: 1n, purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  let used = 0;
  const below = (count: number): number => Math.floor(uniform(used++) * count);
  const features = raggedOf(Array.from({ length: ROWS }, () => Array.from({ length: HISTORY }, () => below(FEATURES))));
  return {
    features: { ...features, weights: new Float32Array(features.ids.length).fill(1) },
    positives: raggedOf(Array.from({ length: ROWS }, () => [below(classCount)])),
    featureCount: FEATURES,
    classCount,
    positionCount: HISTORY,
  };
}
