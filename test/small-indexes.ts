import type { BuildOptions } from "../src/train/build/build-options.ts";
import { buildIndex } from "./build-index.ts";
import { EVERY } from "./size.ts";
import { randomRows } from "./train/rows.ts";

/** A small index whose proposal can be enumerated, and queries to ask it. */
export interface SmallIndex {
  readonly name: string;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly dim: number;
  readonly itemCount: number;
  readonly queries: readonly Float32Array[];
}

interface Shape {
  readonly itemCount: number;
  readonly dim: number;
  readonly bits: number;
}

/** From no class at all to more classes than buckets: N = 0, 1, < K, K, < K², K² and more, with odd D and K = 1. */
const SHAPES: readonly Shape[] = [
  { itemCount: 0, dim: 3, bits: 2 },
  { itemCount: 1, dim: 1, bits: 0 },
  { itemCount: 1, dim: 5, bits: 3 },
  { itemCount: 3, dim: 2, bits: 2 },
  { itemCount: 5, dim: 7, bits: 3 },
  { itemCount: 8, dim: 4, bits: 3 },
  { itemCount: 30, dim: 3, bits: 3 },
  { itemCount: 64, dim: 17, bits: 3 },
  { itemCount: 200, dim: 6, bits: 0 },
  { itemCount: 300, dim: 9, bits: 2 },
  { itemCount: 400, dim: 5, bits: 6 },
];

type Bias = (id: number, random: number) => number;
const BIASES: Record<"none" | "narrow" | "wide", Bias | undefined> = {
  none: undefined,
  narrow: (_, random) => 2 * random,
  /** One class may weigh 10²⁶ times as much as the rest of its bucket. */
  wide: (_, random) => 30 * random,
};

/** The indexes of a shape: two quantizers with three kinds of biases. */
const PER_SHAPE = 6;

let built: Promise<SmallIndex[]> | undefined;

/**
 * Every shape with both quantizers. Bias, row type, metric and counts take turns. The indexes are built once for all
 * suites of a process.
 */
export function smallIndexes(): Promise<SmallIndex[]> {
  built ??= buildSmallIndexes();
  return built;
}

/**
 * Half of them, of every shape and quantizer: the others have their turn in suites with the other `turn`.
 * `npm run test:cases` takes all.
 */
export async function halfOfSmallIndexes(turn: 0 | 1): Promise<SmallIndex[]> {
  const all = await smallIndexes();
  return EVERY ? all : all.filter((_, n) => (n + Math.floor(n / PER_SHAPE)) % 2 === turn);
}

async function buildSmallIndexes(): Promise<SmallIndex[]> {
  const indexes: SmallIndex[] = [];
  const turn = <T>(values: readonly T[], of: number): T => values[of % values.length] as T;
  for (const shape of SHAPES) {
    for (const quantizer of ["pq", "rq"] as const) {
      for (const bias of ["none", "narrow", "wide"] as const) {
        const n = indexes.length;
        const options: BuildOptions = {
          quantizer,
          rowType: turn(["f32", "i8", "f16", "i8", "f32"], n),
          metric: turn(["dot", "dot", "dot", "cosine"], n),
          ...(turn(["plain", "counted"], n >> 1) === "counted" && {
            counts: Array.from({ length: shape.itemCount }, (_, id) => (id * 7) % 5),
          }),
        };
        indexes.push(await smallIndex(shape, spread(shape, n), options, BIASES[bias], n));
      }
    }
  }
  const alike: Shape = { itemCount: 40, dim: 5, bits: 2 };
  for (const quantizer of ["pq", "rq"] as const) {
    const oneRow = new Float32Array(alike.itemCount * alike.dim).fill(0.75);
    indexes.push(await smallIndex(alike, oneRow, { quantizer, rowType: "f32" }, undefined, 1));
    indexes.push(await smallIndex(alike, oneRow, { quantizer, rowType: "i8" }, BIASES.wide, 2));
    const corners = Float32Array.from(oneRow, (_, i) => (((i / alike.dim) >> ((i % alike.dim) % 3)) & 1) * 2 - 1);
    indexes.push(await smallIndex(alike, corners, { quantizer, rowType: "f16" }, undefined, 3));
    indexes.push(await smallIndex(alike, new Float32Array(oneRow.length), { quantizer }, BIASES.narrow, 4));
  }
  return indexes;
}

/** Rows around a few centres, so that buckets differ in size and many stay empty. */
function spread({ itemCount, dim }: Shape, seed: number): Float32Array {
  const noise = randomRows(itemCount * dim, seed);
  const centres = randomRows(7 * dim, seed + 1000);
  return noise.map((value, i) => {
    const id = Math.floor(i / dim);
    const centre = Math.floor(id ** 1.5) % 7;
    return (centres[centre * dim + (i % dim)] as number) + 0.4 * value;
  });
}

async function smallIndex(
  { itemCount, dim, bits }: Shape,
  data: Float32Array,
  options: BuildOptions,
  bias: Bias | undefined,
  seed: number,
): Promise<SmallIndex> {
  const randoms = randomRows(itemCount, seed + 2000);
  const file = await buildIndex(
    { data, shape: [itemCount, dim] },
    { ...options, bits, seed, ...(bias && { bias: randoms.map((random, id) => bias(id, random)) }) },
  );
  const { quantizer = "rq", rowType = "i8", metric = "dot", counts } = options;
  const extras = [bias ? "bias" : "no bias", ...(counts ? ["counts"] : [])].join(", ");
  const name = `${quantizer} ${rowType} ${metric}, N = ${itemCount}, D = ${dim}, K = ${2 ** bits}, ${extras} (${seed})`;
  const random = randomRows(3 * dim, seed + 3000);
  const queries = [0.5, 2, 8].map((size, i) => random.slice(i * dim, (i + 1) * dim).map((value) => size * value));
  return { name, file, dim, itemCount, queries };
}
