// The data for top-k: rows, queries (half for builds and half to be asked) and the exact neighbours.
import { haveTokens, tokensHead } from "../heads.ts";
import { exactNeighbours } from "./exact-neighbours.ts";
import { cached } from "./folder.ts";
import { haveGlove, loadGlove, WORDS } from "./glove.ts";
import type { Known, Metric } from "./peer.ts";

export interface RowSet {
  readonly metric: Metric;
  readonly dim: number;
  readonly count: number;
  /** f32 (count, dim). */
  readonly data: Float32Array;
  /** The biases, which are added to dot products, and the queries that are not asked, of all kinds. */
  readonly known: Known;
  /** The queries that are asked, by kind. */
  readonly asked: readonly Asked[];
}

export interface Asked {
  /** The kind, as tables name it. */
  readonly kind: string;
  /** 500 queries. */
  readonly queries: readonly Float32Array[];
  /** For each query: the ids of the 100 best rows, best first. */
  readonly neighbours: readonly Uint32Array[];
}

export interface SetName {
  readonly name: "GloVe" | "tokens";
  readonly metric: Metric;
  /** The number of words or classes, the most frequent ones. */
  readonly words: number;
}

export const SETS: readonly SetName[] = [
  { name: "GloVe", metric: "dot", words: 100_000 },
  { name: "GloVe", metric: "cosine", words: 100_000 },
  { name: "tokens", metric: "dot", words: 100_000 },
  { name: "GloVe", metric: "dot", words: WORDS },
];

/** The number of queries of a kind. Half of them are asked. */
const QUERIES = 1000;
const NEIGHBOURS = 100;

/** Returns whether the data of a set exist, and prints what is missing. */
export const have = ({ name }: SetName): boolean => (name === "tokens" ? haveTokens() : haveGlove());

export function loadSet({ name, metric, words }: SetName): RowSet {
  return name === "tokens" ? tokenSet(words) : gloveSet(words, metric);
}

function gloveSet(words: number, metric: Metric): RowSet {
  const { data, dim, count, kinds } = loadGlove(words);
  const halves = kinds.map(({ name, queries, neighbours }) => split(name, queries, dim, neighbours[metric]));
  const forBuilds = Float32Array.from(halves.flatMap((half) => Array.from(half.forBuilds)));
  return { metric, dim, count, data, known: { queries: forBuilds }, asked: halves.map(({ asked }) => asked) };
}

function tokenSet(words: number): RowSet {
  const { data, dim, itemCount: count, bias, counts, queries } = tokensHead("tokens", words);
  const taken = queries.slice(0, QUERIES * dim);
  const exact = (): Uint8Array<ArrayBuffer> => {
    const ones = new Float32Array(QUERIES).fill(1);
    const best = exactNeighbours(withColumn(data, dim, bias), withColumn(taken, dim, ones), dim + 1, NEIGHBOURS);
    return new Uint8Array(best.dot.buffer);
  };
  const neighbours = cached(`tokens-${words}-exact.u32`, QUERIES * NEIGHBOURS * 4, exact);
  const { forBuilds, asked } = split("hidden states", taken, dim, new Uint32Array(neighbours.buffer));
  return { metric: "dot", dim, count, data, known: { queries: forBuilds, bias, counts }, asked: [asked] };
}

/** Adds one value to each row of rows (n, dim). */
function withColumn(rows: Float32Array, dim: number, column: Float32Array): Float32Array {
  const wider = new Float32Array((rows.length / dim) * (dim + 1));
  for (let row = 0; row < rows.length / dim; row++) {
    wider.set(rows.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
    wider[row * (dim + 1) + dim] = column[row] as number;
  }
  return wider;
}

/**
 * Splits queries: every second one is asked and the others are for builds, so both halves are alike however they are sorted.
 */
function split(kind: string, all: Float32Array, dim: number, lists: Uint32Array) {
  const [queries, neighbours]: [Float32Array[], Uint32Array[]] = [[], []];
  const forBuilds = new Float32Array((QUERIES / 2) * dim);
  for (let q = 0; q < QUERIES; q++) {
    const query = all.slice(q * dim, (q + 1) * dim);
    if (q % 2 > 0) {
      forBuilds.set(query, ((q - 1) / 2) * dim);
    } else {
      queries.push(query);
      neighbours.push(lists.slice(q * NEIGHBOURS, (q + 1) * NEIGHBOURS));
    }
  }
  const asked: Asked = { kind, queries, neighbours };
  return { forBuilds, asked };
}
