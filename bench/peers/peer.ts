/** "cosine" peers are handed rows as they are and scale them, and each query, to length 1. */
export type Metric = "dot" | "cosine";

/** One way to have top-k answers from another library: a kind of index of it, with its build parameters. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly runtime: "wasm" | "native" | "js";
  /** What trades time for recall, ascending; a single 1 where nothing does. */
  readonly efforts: readonly number[];
  /** What efforts are called: "ef", which has no meaning below k, "nprobe". */
  readonly dial?: string;
  /** Takes `bias`: it is no further coordinate of the rows then. */
  readonly takesBias?: boolean;
  /** `data` f32 (count, dim). Builds in one thread. */
  build(data: Float32Array, count: number, dim: number, metric: Metric, known?: Known): Promise<PeerIndex>;
  /** Loads an index that `build` saved; absent where none is saved. */
  open?(path: string, dim: number, metric: Metric): Promise<PeerIndex>;
  /** Before the first build, whose time is not of this. */
  prepare?(): Promise<void>;
}

/** What else is known of the rows. */
export interface Known {
  readonly bias?: Float32Array | undefined;
  readonly counts?: Uint32Array | undefined;
  /** f32 (n, dim): queries like those to come, none of them asked later. */
  readonly queries: Float32Array;
}

export interface PeerIndex {
  /**
   * Ids of rows, best first: at most k. One query, one thread, the binding's own conversions included. A change of
   * effort may load the index anew (faiss, usearch): give an effort its queries in a row.
   */
  search(query: Float32Array, k: number, effort: number): ArrayLike<number>;
  /** In place of the peer's, where it depends on the index what efforts there are. */
  effortsFor?(k: number): readonly number[];
  /** What the effort stands for, where it is no number of the dial. */
  describe?(k: number, effort: number): string;
  /** Of the serialized index; 0 where it can't be had. */
  readonly bytes: number;
  /** Where it is saved, for `open`. */
  readonly path?: string;
  dispose(): void;
}

/** Graph degree, and the search width (ef) while building and of the efforts, of every HNSW. */
export const HNSW = {
  m: 16,
  efConstruction: 200,
  efSearch: [16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536],
} as const;
