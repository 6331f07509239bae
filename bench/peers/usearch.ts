// usearch: its own HNSW in native, prebuilt code, which chooses its SIMD loops by the machine. Rows are f32 or f16.
import { rmSync, statSync } from "node:fs";
import { collect } from "./collect.ts";
import { scratchPath } from "./folder.ts";
import { requirePackage, versionOf } from "./packages.ts";
import { HNSW, type Metric, type Peer, type PeerIndex } from "./peer.ts";
import { unitRows } from "./unit.ts";

interface Config {
  readonly dimensions: number;
  readonly metric: "ip";
  readonly quantization: "f32" | "f16";
  readonly connectivity: number;
  readonly expansion_add: number;
  readonly expansion_search: number;
  readonly multi: boolean;
}

interface UsearchIndex {
  add(keys: bigint | BigUint64Array, vectors: Float32Array, threads: number): void;
  remove(key: bigint): unknown;
  search(query: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array };
  save(path: string): void;
  load(path: string): void;
}

export interface Usearch {
  readonly Index: new (config: Config) => UsearchIndex;
}

const THREADS = 1;
/** The effort of an index before it is asked. */
const LOADED = 64;

export async function usearch(): Promise<Peer[]> {
  const version = versionOf("usearch");
  const library = requirePackage("usearch") as Usearch;
  return (["f32", "f16"] as const).map((quantization) => ({
    name: `usearch ${quantization}`,
    version,
    runtime: "native",
    efforts: HNSW.efSearch,
    dial: "ef",
    build: async (data, count, dim, metric) => {
      const index = emptyUsearch(library, quantization, dim)(LOADED);
      const keys = BigUint64Array.from({ length: count }, (_, id) => BigInt(id));
      index.add(keys, metric === "cosine" ? unitRows(data, dim) : data, THREADS);
      const path = scratchPath();
      index.save(path);
      return new Graph(path, emptyUsearch(library, quantization, dim), dim, metric);
    },
    open: async (path, dim, metric) => {
      const graph = new Graph(path, emptyUsearch(library, quantization, dim), dim, metric);
      graph.load(LOADED);
      return graph;
    },
  }));
}

/** Makes an empty index for an effort. */
export function emptyUsearch(
  library: Usearch,
  quantization: Config["quantization"],
  dim: number,
): (effort: number) => UsearchIndex {
  return (expansion_search) =>
    new library.Index({
      dimensions: dim,
      metric: "ip",
      quantization,
      connectivity: HNSW.m,
      expansion_add: 128,
      expansion_search,
      multi: false,
    });
}

/** The binding takes expansion_search in the constructor only, so each effort loads the saved graph. */
class Graph implements PeerIndex {
  readonly bytes: number;
  readonly path: string;
  readonly #empty: (expansionSearch: number) => UsearchIndex;
  readonly #dim: number;
  readonly #cosine: boolean;
  #loaded: { readonly effort: number; readonly index: UsearchIndex } | undefined;

  constructor(path: string, empty: (expansionSearch: number) => UsearchIndex, dim: number, metric: Metric) {
    this.path = path;
    this.bytes = statSync(path).size;
    this.#empty = empty;
    this.#dim = dim;
    this.#cosine = metric === "cosine";
  }

  search(query: Float32Array, k: number, effort: number): number[] {
    const index = this.#loaded?.effort === effort ? this.#loaded.index : this.load(effort);
    const { keys } = index.search(this.#cosine ? unitRows(query, this.#dim) : query, k, THREADS);
    return Array.from(keys, Number);
  }

  load(effort: number): UsearchIndex {
    this.#loaded = undefined;
    collect();
    const index = this.#empty(effort);
    index.load(this.path);
    this.#loaded = { effort, index };
    return index;
  }

  dispose(): void {
    this.#loaded = undefined;
    rmSync(this.path);
    collect();
  }
}
