// hnswlib-wasm: hnswlib in WebAssembly, without SIMD. It is compiled for the web alone, and its loader mounts
// IndexedDB. In Node its Emscripten module is loaded directly, with `window` defined meanwhile and no file system
// mounted.
import { pathIn, versionOf } from "./packages.ts";
import { HNSW, type Metric, type Peer, type PeerIndex } from "./peer.ts";
import { unitRows } from "./unit.ts";

interface HierarchicalNSW {
  initIndex(maxElements: number, m: number, efConstruction: number, randomSeed: number): void;
  addPoint(point: Float32Array, label: number, replaceDeleted: boolean): void;
  setEfSearch(ef: number): void;
  searchKnn(query: Float32Array, k: number, filter: undefined): { readonly neighbors: number[] };
  writeIndex(path: string): void;
  /** Frees the object (Emscripten). */
  delete(): void;
}

interface HnswlibWasm {
  readonly HierarchicalNSW: new (space: "ip", dim: number, autoSaveFilename: string) => HierarchicalNSW;
}

/** `stdout` gets each byte that is written there. */
type Factory = (options: { stdout: () => void }) => Promise<HnswlibWasm>;

export async function hnswlibWasm(): Promise<Peer[]> {
  const name = "hnswlib-wasm";
  const version = versionOf(name);
  const { default: factory } = (await import(pathIn(name, "dist/hnswlib-317962d7.js").href)) as { default: Factory };
  return [
    {
      name,
      version,
      runtime: "wasm",
      efforts: HNSW.efSearch,
      dial: "ef",
      build: async (data, count, dim, metric) => {
        const output = { bytes: 0 };
        const library = await instantiate(factory, output);
        const index = new library.HierarchicalNSW("ip", dim, "");
        index.initIndex(count, HNSW.m, HNSW.efConstruction, 1);
        const rows = metric === "cosine" ? unitRows(data, dim) : data;
        for (let id = 0; id < count; id++) index.addPoint(rows.subarray(id * dim, (id + 1) * dim), id, false);
        return new Graph(index, output, dim, metric);
      },
    },
  ];
}

/** Makes a module for each index, because a WebAssembly memory never shrinks. */
async function instantiate(factory: Factory, output: { bytes: number }): Promise<HnswlibWasm> {
  const scope = globalThis as { window?: unknown };
  scope.window ??= globalThis;
  try {
    return await factory({
      stdout: () => {
        output.bytes++;
      },
    });
  } finally {
    delete scope.window;
  }
}

class Graph implements PeerIndex {
  readonly #index: HierarchicalNSW;
  readonly #output: { bytes: number };
  readonly #dim: number;
  readonly #cosine: boolean;

  constructor(index: HierarchicalNSW, output: { bytes: number }, dim: number, metric: Metric) {
    this.#index = index;
    this.#output = output;
    this.#dim = dim;
    this.#cosine = metric === "cosine";
  }

  search(query: Float32Array, k: number, effort: number): number[] {
    this.#index.setEfSearch(effort);
    return this.#index.searchKnn(this.#cosine ? unitRows(query, this.#dim) : query, k, undefined).neighbors;
  }

  /**
   * The size of the index. Its file system cannot be read from outside, so it writes to stdout, where the bytes are
   * counted.
   */
  get bytes(): number {
    this.#output.bytes = 0;
    try {
      this.#index.writeIndex("../dev/stdout");
    } catch {
      // The bytes are written by now: only the sync with IndexedDB fails.
    }
    return this.#output.bytes;
  }

  dispose(): void {
    this.#index.delete();
  }
}
