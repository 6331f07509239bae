// faiss through faiss-node and its index factory. The binding has no search parameters, so they are set in saved files.
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { collect } from "./collect.ts";
import { INNER_PRODUCT, L2, setEfConstruction, setEfSearch, setMetric, setProbes } from "./faiss-file.ts";
import { scratchPath } from "./folder.ts";
import { pathIn, requirePackage, versionOf } from "./packages.ts";
import { HNSW, type Metric, type Peer, type PeerIndex } from "./peer.ts";
import { unitRows } from "./unit.ts";

interface FaissIndex {
  isTrained(): boolean;
  /** Takes arrays only, not typed arrays. */
  train(rows: number[]): void;
  add(rows: number[]): void;
  /** Labels are −1 if fewer than k rows were looked at. */
  search(query: number[], k: number): { readonly labels: number[] };
  toBuffer(): Uint8Array;
  write(path: string): void;
}

interface Faiss {
  readonly Index: {
    fromFactory(dim: number, description: string, metric: number): FaissIndex;
    fromBuffer(file: Uint8Array): FaissIndex;
    read(path: string): FaissIndex;
  };
}

/** The number of rows handed over at a time: the binding makes a handle for each number. */
const CHUNK = 1000;
/**
 * The largest number of rows to train with, evenly spaced: 98 for each centroid of IVF1024. faiss asks for 39 and takes
 * 256.
 */
const TRAINED = 100_000;

interface Kind {
  readonly description: string;
  readonly metric: number;
  readonly efforts: readonly number[];
  readonly dial?: string;
  /** Sets the effort in a saved index. */
  readonly setEffort?: (file: Uint8Array, effort: number) => void;
}

/**
 * If cells are ordered by L2, their rows are still scored by dot products, whose order does not depend on the length of the
 * query. The order of cells does: for long queries it is that of dot products. Among 1, 3, 10 and 100, a factor of 3 has the
 * best recall.
 */
const QUERY_SCALE = 3;

const PROBES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const KINDS: readonly Kind[] = [
  { description: "Flat", metric: INNER_PRODUCT, efforts: [1] },
  { description: "IVF1024,Flat", metric: INNER_PRODUCT, efforts: PROBES, dial: "nprobe", setEffort: setProbes },
  // The inverted multi-index with 2^14 and 2^16 cells. The factory makes it, its cells and their order for L2 alone.
  { description: "IMI2x7,Flat", metric: L2, efforts: PROBES.map((n) => 16 * n), dial: "nprobe", setEffort: setProbes },
  { description: "IMI2x8,Flat", metric: L2, efforts: PROBES.map((n) => 64 * n), dial: "nprobe", setEffort: setProbes },
  {
    description: `HNSW${HNSW.m},Flat`,
    metric: INNER_PRODUCT,
    efforts: HNSW.efSearch,
    dial: "ef",
    setEffort: setEfSearch,
  },
];

export async function faiss(): Promise<Peer[]> {
  // This comes before the libraries are loaded, which read it then. Otherwise they train and search in a pool of
  // threads.
  process.env.OMP_NUM_THREADS = "1";
  process.env.OPENBLAS_NUM_THREADS = "1";
  const linked = readFileSync(pathIn("faiss-node", "build/Release/faiss-version"), "utf8");
  const version = `${linked} by faiss-node ${versionOf("faiss-node")}`;
  const library = requirePackage("faiss-node") as Faiss;
  return KINDS.map((kind) => ({
    name: `faiss ${kind.description}`,
    version,
    runtime: "native",
    efforts: kind.efforts,
    ...(kind.dial && { dial: kind.dial }),
    build: async (data, count, dim, metric) => {
      const rows = metric === "cosine" ? unitRows(data, dim) : data;
      const index = trained(library, kind, rows, count, dim);
      const step = CHUNK * dim;
      for (let at = 0; at < rows.length; at += step) index.add(Array.from(rows.subarray(at, at + step)));
      const path = scratchPath();
      index.write(path);
      return new Saved(library, kind, path, dim, metric);
    },
    open: async (path, dim, metric) => {
      const index = new Saved(library, kind, path, dim, metric);
      index.load(kind.efforts[0] as number);
      return index;
    },
  }));
}

/** Makes an empty index, trained if its kind needs it. */
function trained(library: Faiss, kind: Kind, rows: Float32Array, count: number, dim: number): FaissIndex {
  const index = library.Index.fromFactory(dim, kind.description, kind.metric);
  if (kind.setEffort === setEfSearch) {
    const file = index.toBuffer();
    setEfConstruction(file, HNSW.efConstruction);
    return library.Index.fromBuffer(file);
  }
  if (!index.isTrained()) {
    const taken = Math.min(count, TRAINED);
    const sample: number[] = [];
    for (let i = 0; i < taken; i++) {
      const at = Math.floor((i * count) / taken) * dim;
      for (let d = at; d < at + dim; d++) sample.push(rows[d] as number);
    }
    index.train(sample);
  }
  return index;
}

class Saved implements PeerIndex {
  readonly bytes: number;
  readonly #library: Faiss;
  readonly #kind: Kind;
  readonly path: string;
  readonly #query: number[];
  readonly #cosine: boolean;
  readonly #scale: number;
  #loaded: { readonly effort: number; readonly index: FaissIndex } | undefined;

  constructor(library: Faiss, kind: Kind, path: string, dim: number, metric: Metric) {
    this.#library = library;
    this.#kind = kind;
    this.path = path;
    this.bytes = statSync(path).size;
    this.#query = new Array<number>(dim).fill(0);
    this.#cosine = metric === "cosine";
    this.#scale = kind.metric === L2 ? QUERY_SCALE : 1;
  }

  search(query: Float32Array, k: number, effort: number): number[] {
    const index = this.#loaded?.effort === effort ? this.#loaded.index : this.load(effort);
    const used = this.#cosine ? unitRows(query, query.length) : query;
    for (let d = 0; d < used.length; d++) this.#query[d] = (used[d] as number) * this.#scale;
    const { labels } = index.search(this.#query, k);
    const missing = labels.indexOf(-1);
    return missing < 0 ? labels : labels.slice(0, missing);
  }

  load(effort: number): FaissIndex {
    this.#loaded = undefined;
    collect();
    if (this.#kind.setEffort) {
      const file = readFileSync(this.path);
      this.#kind.setEffort(file, effort);
      if (this.#kind.metric === L2) setMetric(file, INNER_PRODUCT);
      writeFileSync(this.path, file);
    }
    const index = this.#library.Index.read(this.path);
    this.#loaded = { effort, index };
    return index;
  }

  dispose(): void {
    this.#loaded = undefined;
    rmSync(this.path);
    collect();
  }
}
