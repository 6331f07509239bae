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
  /** The biases, which are added to dot products, and the queries that are not asked. */
  readonly known: Known;
  /** The 500 queries that are asked. */
  readonly queries: readonly Float32Array[];
  /** For each query: the ids of the 100 best rows, best first. */
  readonly neighbours: readonly Uint32Array[];
}

export interface SetName {
  /** "GloVe, any words": its queries are words of any frequency. Those of "GloVe" are among the 50,000 most frequent. */
  readonly name: "GloVe" | "GloVe, any words" | "tokens";
  readonly metric: Metric;
  /** The number of words or classes, the most frequent ones. */
  readonly words: number;
}

export const SETS: readonly SetName[] = [
  { name: "GloVe", metric: "dot", words: 100_000 },
  { name: "GloVe, any words", metric: "dot", words: 100_000 },
  { name: "GloVe", metric: "cosine", words: 100_000 },
  { name: "tokens", metric: "dot", words: 100_000 },
  { name: "GloVe", metric: "dot", words: WORDS },
  { name: "GloVe, any words", metric: "dot", words: WORDS },
];

/** The number of queries. Half of them are asked. */
const QUERIES = 1000;
const NEIGHBOURS = 100;

/** Returns whether the data of a set exist, and prints what is missing. */
export const have = ({ name }: SetName): boolean => (name === "tokens" ? haveTokens() : haveGlove());

export function loadSet({ name, metric, words }: SetName): RowSet {
  return name === "tokens" ? tokenSet(words) : gloveSet(words, metric, name === "GloVe, any words");
}

function gloveSet(words: number, metric: Metric, areAny: boolean): RowSet {
  const { data, dim, count, queries, neighbours } = loadGlove(words, areAny);
  return { metric, dim, count, data, ...split(queries, dim, neighbours[metric]) };
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
  const halves = split(taken, dim, new Uint32Array(neighbours.buffer));
  return { metric: "dot", dim, count, data, ...halves, known: { ...halves.known, bias, counts } };
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
 * Every second query is asked and the others are for builds, so both halves are alike however the queries are sorted.
 */
function split(all: Float32Array, dim: number, lists: Uint32Array): Pick<RowSet, "known" | "queries" | "neighbours"> {
  const [asked, neighbours]: [Float32Array[], Uint32Array[]] = [[], []];
  const forBuilds = new Float32Array((QUERIES / 2) * dim);
  for (let q = 0; q < QUERIES; q++) {
    const query = all.slice(q * dim, (q + 1) * dim);
    if (q % 2 > 0) {
      forBuilds.set(query, ((q - 1) / 2) * dim);
    } else {
      asked.push(query);
      neighbours.push(lists.slice(q * NEIGHBOURS, (q + 1) * NEIGHBOURS));
    }
  }
  return { known: { queries: forBuilds }, queries: asked, neighbours };
}
