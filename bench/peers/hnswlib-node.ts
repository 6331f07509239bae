// hnswlib-node: native hnswlib. npm compiles it for any x86-64 machine, with hnswlib's SSE loops and not those for AVX.
import { rmSync, statSync } from "node:fs";
import { collect } from "./collect.ts";
import { scratchPath } from "./folder.ts";
import { requirePackage, versionOf } from "./packages.ts";
import { HNSW, type Metric, type Peer, type PeerIndex } from "./peer.ts";
import { unitRows } from "./unit.ts";

interface HierarchicalNSW {
  initIndex(
    maxElements: number,
    m: number,
    efConstruction: number,
    randomSeed: number,
    allowReplaceDeleted?: boolean,
  ): void;
  /** Takes an Array, not a typed array. */
  addPoint(point: number[], label: number, replaceDeleted?: boolean): void;
  markDelete(label: number): void;
  setEf(ef: number): void;
  searchKnn(query: number[], k: number): { readonly neighbors: number[] };
  writeIndexSync(path: string): void;
  readIndexSync(path: string): void;
}

export interface HnswlibNode {
  readonly HierarchicalNSW: new (space: "ip", dim: number) => HierarchicalNSW;
}

export async function hnswlibNode(): Promise<Peer[]> {
  const name = "hnswlib-node";
  const version = versionOf(name);
  const library = requirePackage(name) as HnswlibNode;
  return [
    {
      name,
      version,
      runtime: "native",
      efforts: HNSW.efSearch,
      dial: "ef",
      build: async (data, count, dim, metric) => {
        const index = new library.HierarchicalNSW("ip", dim);
        index.initIndex(count, HNSW.m, HNSW.efConstruction, 1);
        const rows = metric === "cosine" ? unitRows(data, dim) : data;
        for (let id = 0; id < count; id++) index.addPoint(Array.from(rows.subarray(id * dim, (id + 1) * dim)), id);
        const path = scratchPath();
        index.writeIndexSync(path);
        return new Graph(path, index, dim, metric);
      },
      open: async (path, dim, metric) => {
        const index = new library.HierarchicalNSW("ip", dim);
        index.readIndexSync(path);
        return new Graph(path, index, dim, metric);
      },
    },
  ];
}

class Graph implements PeerIndex {
  readonly bytes: number;
  readonly path: string;
  #index: HierarchicalNSW | undefined;
  readonly #query: number[];
  readonly #dim: number;
  readonly #cosine: boolean;

  constructor(path: string, index: HierarchicalNSW, dim: number, metric: Metric) {
    this.path = path;
    this.bytes = statSync(path).size;
    this.#index = index;
    this.#query = new Array<number>(dim).fill(0);
    this.#dim = dim;
    this.#cosine = metric === "cosine";
  }

  search(query: Float32Array, k: number, effort: number): number[] {
    const index = this.#index as HierarchicalNSW;
    const used = this.#cosine ? unitRows(query, this.#dim) : query;
    for (let d = 0; d < this.#dim; d++) this.#query[d] = used[d] as number;
    index.setEf(effort);
    return index.searchKnn(this.#query, k).neighbors;
  }

  dispose(): void {
    this.#index = undefined;
    rmSync(this.path);
    collect();
  }
}
