import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";
import type { SamplerOptions } from "../../src/train/samplers/create.ts";
import { createSampler } from "../../src/train/samplers/create-inlined.ts";
import type { InBatchSampler } from "../../src/train/samplers/in-batch.ts";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import { randomRows } from "./rows.ts";

export interface SamplerCase {
  readonly title: string;
  readonly options: SamplerOptions;
  readonly adaptive: boolean;
  /** True if exclusion divides all other probabilities by the same number. */
  readonly renormalises: boolean;
}

const plain = { adaptive: true, renormalises: true };

export const DIM = 6;

export const SAMPLERS: readonly SamplerCase[] = [
  { title: "midx", options: { kind: "midx" }, ...plain },
  { title: "midx by halves", options: { kind: "midx", quantizer: "pq" }, ...plain },
  // The choice of the head depends on the classes that are left.
  { title: "midx with a head", options: { kind: "midx", scan: 9 }, ...plain, renormalises: false },
  {
    title: "midx by halves with a head",
    options: { kind: "midx", quantizer: "pq", scan: 9 },
    ...plain,
    renormalises: false,
  },
  {
    title: "midx fitted to queries",
    options: { kind: "midx", fit: { queries: randomRows(64 * DIM, 30).map((value) => 2 * value) } },
    ...plain,
  },
  {
    title: "midx beside draws by frequency",
    options: { kind: "midx", unigramShare: 0.5 },
    ...plain,
    renormalises: false,
  },
  {
    title: "midx with a head beside draws by frequency",
    options: { kind: "midx", scan: 9, unigramShare: 0.2 },
    ...plain,
    renormalises: false,
  },
  { title: "full", options: { kind: "full" }, ...plain },
  { title: "uniform", options: { kind: "uniform" }, ...plain, adaptive: false },
  { title: "unigram", options: { kind: "unigram" }, ...plain, adaptive: false },
  { title: "log-uniform", options: { kind: "log-uniform" }, ...plain, adaptive: false },
  { title: "in-batch", options: { kind: "in-batch" }, ...plain, adaptive: false },
  { title: "lsh", options: { kind: "lsh", tables: 3, bits: 3 }, ...plain },
  { title: "quadratic", options: { kind: "quadratic" }, ...plain },
  { title: "fourier", options: { kind: "fourier" }, ...plain },
];

export interface MadeClasses {
  readonly rows: Float32Array;
  readonly biases: Float32Array;
  readonly counts: Float32Array;
}

/** Rows about a few centres, with a zero count, and classes 1 and 2 alike where there are that many. */
export function madeClasses(itemCount: number, seed = 1): MadeClasses {
  const centres = randomRows(4 * DIM, seed);
  const noise = randomRows(itemCount * DIM, seed + 1);
  const rows = noise.map(
    (value, i) => 0.3 * value + 1.5 * (centres[((Math.floor(i / DIM) * 7) % 4) * DIM + (i % DIM)] as number),
  );
  const biases = randomRows(itemCount, seed + 2);
  const counts = randomRows(itemCount, seed + 3).map((value, id) =>
    id === 3 ? 0 : Math.ceil(20 * Math.abs(value) ** 3),
  );
  if (itemCount > 2) {
    rows.copyWithin(2 * DIM, DIM, 2 * DIM);
    biases[2] = biases[1] as number;
    counts[2] = counts[1] as number;
  }
  return { rows, biases, counts };
}

export const makeSampler = (options: SamplerOptions, classes: MadeClasses): Promise<Sampler> =>
  createSampler(options, classes);

/** What a trainer tells before it draws: an in-batch sampler gets a batch, drawn by the counts with this seed. */
export function announce(sampler: Sampler, counts: ArrayLike<number>, seed: number): void {
  if (!("useBatch" in sampler)) return;
  const positive = Array.from(counts, (count) => Math.max(1, count));
  const total = positive.reduce((a, b) => a + b, 0);
  const uniform = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 9, restart: 9 });
  const batch = Array.from({ length: 24 }, (_, i) => {
    let target = uniform(i) * total;
    const id = positive.findIndex((count) => {
      target -= count;
      return target < 0;
    });
    return id < 0 ? positive.length - 1 : id;
  });
  (sampler as InBatchSampler).useBatch(batch);
}
