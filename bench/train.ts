// How long a step takes against the number of classes: the full softmax and uniform draws, in the same kernels. The kinds
// take turns in one run, so that their ratios are of one machine at one time.
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Examples } from "../src/train/model/examples.ts";
import { instantiateModelKernels } from "../src/train/model/kernels.ts";
import { planRun } from "../src/train/model/run.ts";
import { shapeFor } from "../src/train/model/shape.ts";
import { raggedOf } from "../src/train/model/tasks.ts";
import { type SamplerFactory, settingsOf } from "../src/train/model/train-options.ts";
import type { Sampler } from "../src/train/samplers/sampler.ts";
import { PURPOSE, uniforms } from "../src/train/uniforms.ts";
import { callTimes } from "./timing.ts";

const DIM = 64;
const BATCH = 64;
const NEGATIVES = 100;
const HISTORY = 4;
const ROUNDS = 48;
const CLASS_COUNTS = [10_000, 33_000, 100_000];

const module = new WebAssembly.Module(readFileSync(new URL("../build/model.wasm", import.meta.url)));
const kernels = () => instantiateModelKernels(module);

console.log(`Measured on ${cpus()[0]?.model}, one core, Node ${process.version}.`);
console.log(`A step of ${BATCH} examples, D = ${DIM}, M = ${NEGATIVES}, adagrad; medians.\n`);
console.log("| classes | full softmax, ms | uniform, ms | of which draws, ms | full / uniform |");
console.log("| ---: | ---: | ---: | ---: | ---: |");
for (const classCount of CLASS_COUNTS) {
  const { full, uniform, draws } = measure(classCount);
  const ratio = (full / uniform).toFixed(1);
  const cells = [full, uniform, draws].map((ms) => ms.toFixed(2));
  console.log(`| ${classCount.toLocaleString("en")} | ${cells.join(" | ")} | ${ratio} × |`);
}

/** Milliseconds of a step. */
function measure(classCount: number): { full: number; uniform: number; draws: number } {
  const examples = randomExamples(classCount);
  const sampler = uniformSampler(classCount);
  const [full, uniform] = [stepOf(examples, undefined), stepOf(examples, () => sampler)];
  const query = new Float32Array(DIM);
  const times = callTimes(ROUNDS, 1, {
    full: (round) => full(round, undefined),
    uniform: (round) => uniform(round, sampler),
    draws: (round) => {
      for (let b = 0; b < BATCH; b++) sampler.draw(query, NEGATIVES, [round], BigInt(round * BATCH + b));
    },
  });
  const of = (name: string): number => (times[name]?.median as number) / 1000;
  return { full: of("full"), uniform: of("uniform"), draws: of("draws") };
}

function stepOf(examples: Examples, sampler: SamplerFactory | undefined) {
  const options = { dim: DIM, batch: BATCH, negatives: NEGATIVES, ...(sampler && { sampler }) };
  const run = planRun(kernels(), examples, shapeFor(examples, DIM, "none"), settingsOf(options), options, undefined);
  return (round: number, by: Sampler | undefined): number =>
    run.step(
      Uint32Array.from({ length: BATCH }, (_, b) => round * BATCH + b),
      round * BATCH,
      by,
    );
}

/** Words of no language. */
function randomExamples(classCount: number): Examples {
  const uniform = uniforms({ seed: 1n, purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  let used = 0;
  const word = (): number => Math.floor(uniform(used++) * classCount);
  const rows = ROUNDS * BATCH;
  const features = raggedOf(Array.from({ length: rows }, () => Array.from({ length: HISTORY }, word)));
  return {
    features: { ...features, weights: new Float32Array(features.ids.length).fill(1) },
    positives: raggedOf(Array.from({ length: rows }, () => [word()])),
    featureCount: classCount,
    classCount,
    positionCount: HISTORY,
  };
}

/** Draws of a linear congruential generator: as cheap as they can be, so that the time is the step's. */
function uniformSampler(classCount: number): Sampler {
  const logQ = -Math.log(classCount - 1);
  return {
    name: "uniform",
    adaptive: false,
    draw(_query, count, excluded, seed) {
      const ids = new Int32Array(count);
      let state = Number(seed & 0x7fffffffn) | 1;
      for (let k = 0; k < count; ) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const id = Math.floor((state / 4294967296) * classCount);
        if (id !== excluded[0]) ids[k++] = id;
      }
      return { ids, logQ: new Float64Array(count).fill(logQ) };
    },
    logQ: (_query, ids) => new Float64Array(ids.length).fill(-Math.log(classCount)),
    refresh: () => ({ kind: "none", moved: 0, seconds: 0 }),
  };
}
