/** Peers with the metric "cosine" get rows as they are, and scale them and each query to length 1. */
export type Metric = "dot" | "cosine";

/** One way to get top-k answers from another library: one of its kinds of index, with its build parameters. */
export interface Peer<Index extends AnyIndex = AnyIndex> {
  readonly name: string;
  readonly version: string;
  readonly runtime: "wasm" | "native" | "js";
  /** The settings that trade time for recall, ascending; a single 1 if there are none. */
  readonly efforts: readonly number[];
  /** The name of the effort: "ef", which has no meaning below k, or "nprobe". */
  readonly dial?: string;
  /** The peer takes biases, so they are not further coordinates of the rows. */
  readonly takesBias?: boolean;
  /** `data` f32 (count, dim). Builds in one thread. */
  build(data: Float32Array, count: number, dim: number, metric: Metric, known?: Known): Promise<Index>;
  /** Loads an index that `build` saved; absent if it saves none. */
  open?(path: string, dim: number, metric: Metric): Promise<Index>;
  /** Runs before the first build and is not part of its time. */
  prepare?(): Promise<void>;
}

/** Further facts about the rows. */
export interface Known {
  readonly bias?: Float32Array | undefined;
  readonly counts?: Uint32Array | undefined;
  /** f32 (n, dim): queries like those to come. None of them is asked later. */
  readonly queries: Float32Array;
}

export type AnyIndex = PeerIndex | OwnProgram;

export interface PeerIndex extends Facts {
  /**
   * Returns the ids of at most k rows, best first, for one query, in one thread. The binding's own conversions are part
   * of the time. A change of effort may load the index again (faiss, usearch), so the queries of an effort should
   * follow one another.
   */
  search(query: Float32Array, k: number, effort: number): ArrayLike<number>;
}

/** An index in a program of its own, which measures itself as contender-process.ts measures the others. */
export interface OwnProgram extends Facts {
  /** The CPU seconds of the call that made this: of the build or of the load. */
  readonly seconds: number;
  /** The growth of the program after a load. */
  readonly memoryBytes: number;
  burst(queries: readonly Float32Array[], how: Measuring): Promise<OwnBurst>;
}

interface Measuring {
  readonly k: number;
  readonly effort: number;
  /** The number of queries before the first reading of the clock. */
  readonly warmUp: number;
  /** The number of queries between two readings. */
  readonly batch: number;
}

interface OwnBurst {
  /** For each query: the ids of at most k rows. */
  readonly answers: readonly Int32Array[];
  /** For each batch: the CPU time of one query. */
  readonly micros: readonly number[];
}

interface Facts {
  /** Replaces the peer's efforts if they depend on the index. */
  effortsFor?(k: number): readonly number[];
  /** The meaning of the effort, if it is not a value of the dial. */
  describe?(k: number, effort: number): string;
  /** The bytes of the serialized index; 0 if unknown. */
  readonly bytes: number;
  /** The path where it is saved, for `open`. */
  readonly path?: string;
  dispose(): void;
}

/** For every HNSW: the degree of the graph, the search width (ef) of the build, and those of the efforts. */
export const HNSW = {
  m: 16,
  efConstruction: 200,
  efSearch: [16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536],
} as const;
