// Kinds of tables that no constant of the library was chosen by, beside those of synthetic.ts.

import { type Random, startRandom } from "./synthetic.ts";
import type { TrustHead } from "./trust-head.ts";

export interface Table extends TrustHead {
  readonly metric?: "cosine";
  /** Those of interest, from peaked to flat. */
  readonly temperatures: readonly number[];
}

interface Shape {
  readonly itemCount: number;
  readonly dim: number;
  readonly queryCount: number;
}

const USUAL = [0.3, 0.5, 1, 2];

const ofLength = (values: readonly number[], length: number): number[] => {
  const scale = length / Math.hypot(...values);
  return values.map((value) => scale * value);
};
const normals = ({ normal }: Random, count: number): number[] => Array.from({ length: count }, normal);
const rowsBy = (count: number, row: () => readonly number[]): Float32Array =>
  Float32Array.from(Array.from({ length: count }, row).flat());

/** Unit rows around centres of different sizes, and queries of length 1 / τ that are means of up to five rows and noise. */
function twoTowers({ itemCount, dim, queryCount }: Shape, { tau, within }: { tau: number; within: number }): Table {
  const random = startRandom(21);
  const centres = Array.from({ length: 200 }, () => normals(random, dim));
  const rows = Array.from({ length: itemCount }, () => {
    const centre = centres[Math.floor(200 * random.uniform() ** 2)] as number[];
    return ofLength(
      centre.map((value) => value + within * random.normal()),
      1,
    );
  });
  const queries = rowsBy(queryCount, () => {
    const liked = Array.from({ length: 1 + random.below(5) }, () => rows[random.below(itemCount)] as number[]);
    const mean = normals(random, dim).map(
      (noise, d) => liked.reduce((sum, row) => sum + (row[d] as number), 0) / liked.length + (0.5 * noise) / dim ** 0.5,
    );
    return ofLength(mean, 1 / tau);
  });
  return { itemCount, dim, data: Float32Array.from(rows.flat()), queries, temperatures: USUAL };
}

/** Rows of falling singular values with biases by rank, and normal queries: as the output layer of a language model. */
function falling({ itemCount, dim, queryCount }: Shape, scale: number): Table {
  const random = startRandom(22);
  const singular = Array.from({ length: dim }, (_, d) => (d < dim / 2 ? (1 + d) ** -0.5 : 0.05));
  const data = rowsBy(itemCount, () => {
    const length = 0.6 + 0.8 * random.uniform();
    return singular.map((value) => length * value * random.normal());
  });
  const bias = Float32Array.from({ length: itemCount }, (_, id) => 0.3 * random.normal() - Math.log(id + 5));
  const queries = rowsBy(queryCount, () => {
    const length = scale * (0.5 + random.uniform());
    return normals(random, dim).map((value) => length * value);
  });
  return { itemCount, dim, data, bias, queries, temperatures: USUAL };
}

/**
 * Rows whose singular values fall as d^-decay, and queries that are a row by whitened values, and noise: as features of a linear
 * classifier, which tell classes apart by what these differ in least.
 */
export function fallingPointed({ itemCount, dim, queryCount }: Shape, decay: number): Table & { bias: Float32Array } {
  const random = startRandom(25);
  const singular = Array.from({ length: dim }, (_, d) => (1 + d) ** -decay + 0.02);
  const rows = Array.from({ length: itemCount }, (_, id) => {
    const length = 0.5 + 0.3 * Math.log10(id + 10);
    return singular.map((value) => length * value * random.normal());
  });
  const bias = Float32Array.from({ length: itemCount }, (_, id) => 0.5 * random.normal() - 0.9 * Math.log(id + 3));
  const queries = rowsBy(queryCount, () => {
    const row = rows[Math.floor(itemCount * random.uniform() ** 3)] as number[];
    const length = 0.5 + 0.5 * random.uniform();
    return row.map((value, d) => (length * value) / (singular[d] as number) + 1.2 * random.normal());
  });
  return { itemCount, dim, data: Float32Array.from(rows.flat()), bias, queries, temperatures: USUAL };
}

/** Unit rows around centres, compared by cosine, and queries that are a row and noise: as vectors of texts. */
function texts({ itemCount, dim, queryCount }: Shape, noise: number): Table {
  const random = startRandom(23);
  const centres = Array.from({ length: 500 }, () => normals(random, dim));
  const rows = Array.from({ length: itemCount }, () =>
    ofLength(
      (centres[random.below(500)] as number[]).map((value) => 0.8 * value + random.normal()),
      1,
    ),
  );
  const queries = rowsBy(queryCount, () =>
    ofLength(
      (rows[random.below(itemCount)] as number[]).map((value) => value + (noise * random.normal()) / dim ** 0.5),
      1,
    ),
  );
  const data = Float32Array.from(rows.flat());
  return { itemCount, dim, data, queries, metric: "cosine", temperatures: [0.03, 0.05, 0.1, 0.2] };
}

/** Rows and queries of a few large values and many zeros: as sparse factors. */
function sparse({ itemCount, dim, queryCount }: Shape, values: number): Table {
  const random = startRandom(24);
  const someOf = (count: number): number[] => {
    const row = new Array<number>(dim).fill(0);
    for (let i = 0; i < count; i++) row[random.below(dim)] = Math.exp(0.6 * random.normal());
    return row;
  };
  const data = rowsBy(itemCount, () => someOf(values));
  return { itemCount, dim, data, queries: rowsBy(queryCount, () => someOf(2 * values)), temperatures: USUAL };
}

const QUERIES = { queryCount: 150 };

export const FAMILIES: Readonly<Record<string, () => Table>> = {
  "two towers, 64 values": () => twoTowers({ ...QUERIES, itemCount: 50_000, dim: 64 }, { tau: 0.07, within: 0.7 }),
  "two towers, 128 values": () => twoTowers({ ...QUERIES, itemCount: 40_000, dim: 128 }, { tau: 0.05, within: 0.7 }),
  "two towers, loose": () => twoTowers({ ...QUERIES, itemCount: 40_000, dim: 96 }, { tau: 0.06, within: 2 }),
  "falling values, 256": () => falling({ ...QUERIES, itemCount: 30_000, dim: 256 }, 2),
  "falling values, peaked": () => falling({ ...QUERIES, itemCount: 40_000, dim: 128 }, 4),
  "falling values, pointed at": () => fallingPointed({ ...QUERIES, itemCount: 12_000, dim: 256 }, 1),
  "falling values, pointed at, 512": () => fallingPointed({ ...QUERIES, itemCount: 12_000, dim: 512 }, 0.7),
  "texts, 64 values": () => texts({ ...QUERIES, itemCount: 60_000, dim: 64 }, 1),
  "texts, 128 values": () => texts({ ...QUERIES, itemCount: 40_000, dim: 128 }, 0.8),
  "texts, 384 values": () => texts({ ...QUERIES, itemCount: 20_000, dim: 384 }, 0.5),
  "sparse, 64 values": () => sparse({ ...QUERIES, itemCount: 40_000, dim: 64 }, 6),
  "sparse, 128 values": () => sparse({ ...QUERIES, itemCount: 40_000, dim: 128 }, 4),
};
