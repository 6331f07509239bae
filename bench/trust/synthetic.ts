// Softmax heads made in code, so that error bars can be judged without any data set.

import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";
import type { TrustHead } from "./trust-head.ts";

/** Seeded random numbers. */
export interface Random {
  uniform(): number;
  /** A standard normal number. */
  normal(): number;
  below(limit: number): number;
}

export function startRandom(seed: number): Random {
  const stream = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 9, restart: 0 });
  let used = 0;
  const uniform = (): number => stream(used++);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal, below: (limit) => Math.floor(uniform() * limit) };
}

export interface Sizes {
  readonly itemCount: number;
  readonly dim: number;
  readonly queryCount: number;
  readonly seed: number;
}

const LARGE: Sizes = { itemCount: 20_000, dim: 32, queryCount: 2000, seed: 1 };

/** Rows and queries without structure, and no bias: codebooks capture little, and thousands of classes share Z. */
export function gaussianHead({ itemCount, dim, queryCount, seed }: Sizes = LARGE): TrustHead {
  const { normal, uniform } = startRandom(seed);
  const data = Float32Array.from({ length: itemCount * dim }, normal);
  const queries = new Float32Array(queryCount * dim);
  for (let row = 0; row < queryCount; row++) {
    const deviation = 1 + uniform(); // of the logits
    for (let d = 0; d < dim; d++) queries[row * dim + d] = (deviation / Math.sqrt(dim)) * normal();
  }
  return { itemCount, dim, data, queries };
}

/**
 * Rows around centres with biases −log of a rank, as of word frequencies. A query points at one of the rows, which are
 * drawn as the biases say, and its softmax is peaked.
 */
export function clusteredHead({ itemCount, dim, queryCount, seed }: Sizes = LARGE): TrustHead {
  const { normal, uniform, below } = startRandom(seed + 1);
  const centreCount = Math.ceil(Math.sqrt(itemCount));
  const centres = Float32Array.from({ length: centreCount * dim }, normal);
  const data = new Float32Array(itemCount * dim);
  for (let id = 0; id < itemCount; id++) {
    const centre = below(centreCount);
    for (let d = 0; d < dim; d++) data[id * dim + d] = (centres[centre * dim + d] as number) + 0.6 * normal();
  }
  const bias = Float32Array.from({ length: itemCount }, (_, id) => -Math.log(id + 10));
  const queries = new Float32Array(queryCount * dim);
  for (let row = 0; row < queryCount; row++) {
    const target = Math.floor(itemCount ** uniform()) % itemCount;
    const length = 0.2 + 0.25 * uniform();
    for (let d = 0; d < dim; d++) {
      queries[row * dim + d] = length * ((data[target * dim + d] as number) + 0.7 * normal());
    }
  }
  return { itemCount, dim, data, bias, queries };
}

/** Rows whose norms and biases have heavy tails: a few classes far from any codeword carry much of Z. */
export function heavyBiasHead({ itemCount, dim, queryCount, seed }: Sizes = LARGE): TrustHead {
  const { normal, uniform } = startRandom(seed + 2);
  const data = new Float32Array(itemCount * dim);
  for (let id = 0; id < itemCount; id++) {
    const length = Math.exp(0.5 * normal());
    for (let d = 0; d < dim; d++) data[id * dim + d] = length * normal();
  }
  const bias = Float32Array.from({ length: itemCount }, () => 2 / Math.sqrt(uniform() + 1e-3) - 4);
  const queries = new Float32Array(queryCount * dim);
  for (let row = 0; row < queryCount; row++) {
    const deviation = 0.7 + 0.8 * uniform();
    for (let d = 0; d < dim; d++) queries[row * dim + d] = (deviation / Math.sqrt(dim)) * normal();
  }
  return { itemCount, dim, data, bias, queries };
}

/**
 * Rows around centres, no bias, and queries that are a row and as much in a random direction, which most rows do not have: as
 * vectors of texts that are not in the table.
 */
export function nearRowsHead({ itemCount, dim, queryCount, seed }: Sizes = { ...LARGE, dim: 64 }): TrustHead {
  const { normal, below } = startRandom(seed + 3);
  const centreCount = Math.ceil(Math.sqrt(4 * itemCount));
  const centres = Float32Array.from({ length: centreCount * dim }, normal);
  const data = new Float32Array(itemCount * dim);
  for (let id = 0; id < itemCount; id++) {
    const centre = below(centreCount);
    for (let d = 0; d < dim; d++) data[id * dim + d] = (centres[centre * dim + d] as number) + 0.5 * normal();
  }
  const queries = new Float32Array(queryCount * dim);
  for (let row = 0; row < queryCount; row++) {
    const target = below(itemCount);
    for (let d = 0; d < dim; d++) {
      queries[row * dim + d] = 0.2 * ((data[target * dim + d] as number) + normal());
    }
  }
  return { itemCount, dim, data, queries };
}

const SHARP: Sizes = { itemCount: 12_000, dim: 128, queryCount: 2000, seed: 1 };

/**
 * Rows in fifteens around centres, with normal biases, and queries of one great length that point near a row: as the items of a
 * sequence encoder whose last layer is a norm. At low temperatures one class is nearly all of Z.
 */
export function longQueriesHead({ itemCount, dim, queryCount, seed }: Sizes = SHARP): TrustHead {
  const { normal, below } = startRandom(seed + 4);
  const centreCount = Math.ceil(itemCount / 15);
  const centres = Float32Array.from({ length: centreCount * dim }, normal);
  const data = new Float32Array(itemCount * dim);
  for (let id = 0; id < itemCount; id++) {
    const centre = below(centreCount);
    const row = Array.from({ length: dim }, (_, d) => (centres[centre * dim + d] as number) + 0.8 * normal());
    const length = 0.3 * Math.exp(0.15 * normal());
    data.set(ofLength(row, length), id * dim);
  }
  const bias = Float32Array.from({ length: itemCount }, () => 1.2 * normal() - 9.5);
  const queries = new Float32Array(queryCount * dim);
  for (let row = 0; row < queryCount; row++) {
    const target = below(itemCount) * dim;
    const near = Array.from(
      { length: dim },
      (_, d) => (data[target + d] as number) + (0.18 / Math.sqrt(dim)) * normal(),
    );
    queries.set(ofLength(near, 40), row * dim);
  }
  return { itemCount, dim, data, bias, queries };
}

function ofLength(values: readonly number[], length: number): number[] {
  const scale = length / Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => scale * value);
}
