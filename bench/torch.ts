// Times steps of training encoders beside PyTorch on one thread, in turn. It needs a Python 3 with PyTorch, and a fast BLAS for it
// (Debian: python3-torch and libopenblas0).
//
//   npm run bench:torch
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { createSamplerWith } from "../src/train/samplers/create.ts";
import type { SequenceOptions } from "../src/train/sequences/options.ts";
import { trainSequencesWith } from "../src/train/sequences/train.ts";
import { modelKernels, samplerTools } from "./library.ts";
import { median } from "./timing.ts";

/** A step of training. No negatives: the softmax over all classes. */
interface Case {
  readonly name: string;
  readonly encoder: "gru" | "attention";
  readonly dim: number;
  readonly blocks: number;
  readonly length: number;
  readonly batchSize: number;
  readonly itemCount: number;
  readonly negatives: number;
  readonly dropout: number;
  readonly steps: number;
}

const GRU = {
  encoder: "gru",
  dim: 200,
  blocks: 1,
  length: 35,
  batchSize: 20,
  itemCount: 10_000,
  dropout: 0.3,
} as const;
const ATTENTION = {
  encoder: "attention",
  dim: 64,
  blocks: 2,
  length: 200,
  batchSize: 32,
  itemCount: 3706,
  dropout: 0.2,
} as const;
const CASES: readonly Case[] = [
  {
    name: "GRU of 200 units, 20 × 35 positions of 10,000 words, 500 draws a window",
    ...GRU,
    negatives: 500,
    steps: 12,
  },
  { name: "the same, full softmax", ...GRU, negatives: 0, steps: 6 },
  {
    name: "attention, 2 blocks of 64, 32 × 200 positions of 3,706 items, 256 draws a window",
    ...ATTENTION,
    negatives: 256,
    steps: 6,
  },
  { name: "the same, full softmax", ...ATTENTION, negatives: 0, steps: 4 },
];
const ROUNDS = 3;
const python = process.env.PYTHON ?? "python3";

console.log(`CPU milliseconds of a step, medians; ${cpus()[0]?.model}, one thread`);
for (const each of CASES) {
  const own: number[] = [];
  const theirs: number[] = [];
  let version = "";
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await ownStep(each));
    const printed = JSON.parse(
      execFileSync(python, ["bench/torch/steps.py", JSON.stringify(each)], { encoding: "utf8" }),
    );
    theirs.push(printed.milliseconds);
    version = printed.torch;
  }
  const [ours, peer] = [median(own), median(theirs)];
  console.log(
    `${each.name}: midx ${ours.toFixed(1)}, PyTorch ${version} ${peer.toFixed(1)}: ${(ours / peer).toFixed(2)} x`,
  );
}

/** Measures the median CPU milliseconds of a step, with uniform draws, of windows that are all full. */
async function ownStep(step: Case): Promise<number> {
  const { encoder, dim, blocks, length, batchSize, itemCount, negatives, dropout, steps } = step;
  const count = batchSize * (steps + 2);
  const ids = Int32Array.from({ length: count * (length + 1) }, (_, i) => (i * 7919 + (i >> 3)) % itemCount);
  const offsets = Uint32Array.from({ length: count + 1 }, (_, row) => row * (length + 1));
  const options: SequenceOptions = {
    encoder,
    dim,
    length,
    batchSize,
    dropout,
    epochs: 1,
    seed: 1,
    ...(encoder === "attention" && { blocks }),
    ...(negatives > 0 && {
      negatives,
      sampler: (rows, biases) => createSamplerWith(samplerTools(), { kind: "uniform" }, { rows, biases }),
    }),
  };
  const times: number[] = [];
  let before = process.cpuUsage();
  await trainSequencesWith(
    modelKernels(),
    { offsets, ids, itemCount },
    {
      ...options,
      onProgress: () => {
        const { user, system } = process.cpuUsage(before);
        times.push((user + system) / 1000);
        before = process.cpuUsage();
      },
    },
  );
  return median(times.slice(2));
}
