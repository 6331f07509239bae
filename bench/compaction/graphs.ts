// Graph indexes that take the same changes in place: hnswlib-node marks removed points and gives their places to new ones,
// usearch removes keys and adds others. Both are installed by `npm ci` in bench/peers.
import { equallyLong, queryOfThem } from "../peers/equal-length.ts";
import type { HnswlibNode } from "../peers/hnswlib-node.ts";
import { requirePackage } from "../peers/packages.ts";
import { HNSW } from "../peers/peer.ts";
import { emptyUsearch, type Usearch } from "../peers/usearch.ts";
import type { Churn } from "./churn.ts";

/** A graph that holds points by id. Rows and queries are those of inner products without biases (equal-length.ts). */
export interface Graph {
  readonly add: (id: number, row: Float32Array, isNew: boolean) => void;
  readonly remove: (id: number) => void;
  readonly search: (query: Float32Array, k: number) => readonly number[];
}

/** The rows of all tables of a churn, of one length, so that a graph can take any of them. */
export interface GraphRows {
  readonly width: number;
  readonly before: readonly Float32Array[];
  readonly upserts: readonly Float32Array[];
  readonly after: readonly Float32Array[];
}

export const SEARCH_WIDTH = 64;

export function graphRows({ before, upserts, after, dim }: Churn): GraphRows {
  const tables = [before, upserts, after];
  const rows = new Float32Array(tables.reduce((sum, table) => sum + table.rows.length, 0));
  const biases = new Float32Array(rows.length / dim);
  let first = 0;
  for (const table of tables) {
    rows.set(table.rows, first * dim);
    biases.set(table.biases, first);
    first += table.ids.length;
  }
  const { data, width } = equallyLong(rows, dim, biases);
  const take = (from: number, count: number): Float32Array[] =>
    Array.from({ length: count }, (_, i) => data.subarray((from + i) * width, (from + i + 1) * width));
  const [olds, news] = [before.ids.length, upserts.ids.length];
  return { width, before: take(0, olds), upserts: take(olds, news), after: take(olds + news, after.ids.length) };
}

/** Returns makers of empty graphs by name, for the libraries that are installed. */
export function graphMakers(width: number, capacity: number): ReadonlyMap<string, () => Graph> {
  const makers = new Map<string, () => Graph>();
  for (const [name, make] of [
    ["hnswlib-node", hnswlib],
    ["usearch f16", usearch],
  ] as const) {
    try {
      makers.set(name, make(width, capacity));
    } catch {
      console.log(`skipped: no ${name} (npm ci in bench/peers installs it)`);
    }
  }
  return makers;
}

function hnswlib(width: number, capacity: number): () => Graph {
  const library = requirePackage("hnswlib-node") as HnswlibNode;
  return () => {
    const index = new library.HierarchicalNSW("ip", width);
    index.initIndex(capacity, HNSW.m, HNSW.efConstruction, 1, true);
    index.setEf(SEARCH_WIDTH);
    return {
      add: (id, row, isNew) => index.addPoint(Array.from(row), id, isNew),
      remove: (id) => index.markDelete(id),
      search: (query, k) => index.searchKnn(Array.from(queryOfThem(query)), k).neighbors,
    };
  };
}

function usearch(width: number): () => Graph {
  const library = requirePackage("usearch") as Usearch;
  return () => {
    const index = emptyUsearch(library, "f16", width)(SEARCH_WIDTH);
    return {
      add: (id, row, isNew) => {
        if (!isNew) index.remove(BigInt(id));
        index.add(BigInt(id), row, 1);
      },
      remove: (id) => index.remove(BigInt(id)),
      search: (query, k) => Array.from(index.search(queryOfThem(query), k, 1).keys, Number),
    };
  };
}
