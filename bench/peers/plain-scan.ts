// The plain scan, our own opponent without an index: bench/plain-scan over all rows, in f32, or in int8 and then f32.
// It is compiled when it is wanted.
import type { Known, Metric, Peer, PeerIndex } from "./peer.ts";
import { unitRows } from "./unit.ts";

interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: () => number;
  readonly isRelaxed: () => number;
  /** Scans take addresses and counts, as bench/plain-scan/index.ts names them, and return the number of rows found. */
  readonly scanF32: (...numbers: number[]) => number;
  readonly scanI8: (...numbers: number[]) => number;
  readonly rescore: (...numbers: number[]) => number;
  readonly sortHeap: (scores: number, ids: number, size: number) => void;
}

/** For the int8 scan: the number of rows scored again by their f32 values, as multiples of k. */
const RESCORED = [1, 2, 5, 10];
const MOST = 1024;
/** The largest magnitude of the query's fixed-point values. */
const [LARGEST_16, LARGEST_7] = [32767, 63] as const;

export const plainScans: readonly Peer<PeerIndex>[] = [
  { ...scanner("plain scan f32", false), efforts: [1] },
  { ...scanner("plain scan int8", true), efforts: RESCORED, dial: "rescored, in k:" },
  {
    ...scanner("plain scan int8, relaxed", true, ["--enable", "relaxed-simd"]),
    efforts: RESCORED,
    dial: "rescored, in k:",
  },
];

function scanner(name: string, isInt8: boolean, options: readonly string[] = []): Omit<Peer<PeerIndex>, "efforts"> {
  let module: WebAssembly.Module | undefined;
  return {
    name,
    version: "bench/plain-scan",
    runtime: "wasm",
    takesBias: true,
    prepare: async () => {
      module = await compile(options);
    },
    build: async (...rows) => new Scan(module ?? (await compile(options)), isInt8, ...rows),
  };
}

async function compile(options: readonly string[]): Promise<WebAssembly.Module> {
  const { default: asc } = await import("assemblyscript/asc");
  let binary = new Uint8Array();
  const arguments_ = ["bench/plain-scan/index.ts", "--outFile", "plain-scan.wasm", "-O3", "--noAssert"];
  const { error, stderr } = await asc.main(
    [...arguments_, "--runtime", "stub", "--use", "abort=", "--enable", "simd", ...options],
    {
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (typeof contents !== "string") binary = new Uint8Array(contents);
      },
    },
  );
  if (error) throw new Error(`bench/plain-scan: ${stderr}`);
  return WebAssembly.compile(binary);
}

class Scan implements PeerIndex {
  readonly bytes: number;
  readonly #kernels: Kernels;
  readonly #places: ReturnType<typeof layOut>;
  readonly #count: number;
  readonly #isInt8: boolean;
  readonly #query: Float32Array;
  readonly #fixedQuery: Int16Array | Int8Array;
  readonly #ids: Int32Array;

  constructor(
    module: WebAssembly.Module,
    isInt8: boolean,
    data: Float32Array,
    count: number,
    dim: number,
    metric: Metric,
    known?: Known,
  ) {
    const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
    const places = layOut(kernels.heapBase(), count, dim, isInt8, kernels.isRelaxed() !== 0);
    kernels.memory.grow(Math.ceil((places.end - kernels.memory.buffer.byteLength) / 65536));
    const { buffer } = kernels.memory;
    this.bytes = places.query - kernels.heapBase();
    this.#kernels = kernels;
    this.#places = places;
    this.#count = count;
    this.#isInt8 = isInt8;
    this.#query = new Float32Array(buffer, places.query, dim);
    this.#fixedQuery = kernels.isRelaxed()
      ? new Int8Array(buffer, places.fixedQuery, dim)
      : new Int16Array(buffer, places.fixedQuery, dim);
    this.#ids = new Int32Array(buffer, places.bestIds, MOST);
    const rows = metric === "cosine" ? unitRows(data, dim) : data;
    const stored = new Float32Array(buffer, places.rows, count * (places.stride / 4));
    for (let row = 0; row < count; row++) {
      stored.set(rows.subarray(row * dim, (row + 1) * dim), row * (places.stride / 4));
    }
    if (known?.bias) new Float32Array(buffer, places.biases, count).set(known.bias);
    if (isInt8) this.#storeInt8(rows, dim);
  }

  /** The length of a query does not change the order. */
  search(query: Float32Array, k: number, rescored: number): Int32Array {
    const { scanF32, rescore, sortHeap } = this.#kernels;
    const { rows, stride, biases, query: q, bestScores, bestIds, candidates } = this.#places;
    this.#query.set(query);
    let found: number;
    if (this.#isInt8) {
      const kept = this.#scanInt8(query, k * rescored);
      found = rescore(rows, stride, biases, candidates, kept, q, k, bestScores, bestIds);
    } else {
      found = scanF32(rows, stride, biases, this.#count, q, k, bestScores, bestIds);
    }
    sortHeap(bestScores, bestIds, found);
    return this.#ids.slice(0, found);
  }

  #scanInt8(query: Float32Array, keep: number): number {
    const { int8Rows, int8Stride, shifts, scales, biases, fixedQuery, candidateScores, candidates } = this.#places;
    const [fixed, isRelaxed] = [this.#fixedQuery, this.#kernels.isRelaxed() !== 0];
    let most = 0;
    for (let d = 0; d < query.length; d++) most = Math.max(most, Math.abs(query[d] as number));
    const step = (most || 1) / (isRelaxed ? LARGEST_7 : LARGEST_16);
    const [inverse, added] = [1 / step, isRelaxed ? LARGEST_7 + 1 : 0];
    for (let d = 0; d < query.length; d++) fixed[d] = Math.round((query[d] as number) * inverse) + added;
    const places = [int8Rows, int8Stride, shifts, scales, biases, this.#count, fixedQuery] as const;
    return this.#kernels.scanI8(...places, step, keep, candidateScores, candidates);
  }

  /** Stores each row with its own scale, so that its largest value is 127. */
  #storeInt8(rows: Float32Array, dim: number): void {
    const { buffer } = this.#kernels.memory;
    const { int8Rows, int8Stride } = this.#places;
    const scales = new Float32Array(buffer, this.#places.scales, this.#count);
    const shifts = new Int32Array(buffer, this.#places.shifts, this.#count);
    const stored = new Int8Array(buffer, int8Rows, this.#count * int8Stride);
    for (let row = 0; row < this.#count; row++) {
      let [most, sum] = [0, 0];
      for (let d = 0; d < dim; d++) most = Math.max(most, Math.abs(rows[row * dim + d] as number));
      for (let d = 0; d < dim; d++) {
        const value = most > 0 ? Math.round(((rows[row * dim + d] as number) / most) * 127) : 0;
        stored[row * int8Stride + d] = value;
        sum += value;
      }
      scales[row] = most / 127;
      shifts[row] = (LARGEST_7 + 1) * sum;
    }
  }

  dispose(): void {}
}

/**
 * Returns the addresses: first those of the data that are written once, then those of a query. Rows are padded with zeros, and
 * up to a multiple of four rows are read.
 */
function layOut(start: number, count: number, dim: number, isInt8: boolean, isRelaxed: boolean) {
  let end = start;
  const take = (bytes: number): number => {
    const address = end;
    end += Math.ceil(bytes / 16) * 16;
    return address;
  };
  const fours = Math.ceil(count / 4) * 4;
  const stride = Math.ceil(dim / 4) * 16;
  const int8Stride = isRelaxed ? Math.ceil(dim / 16) * 16 : Math.ceil(dim / 8) * 8;
  const int8Rows = isInt8 ? fours : 0;
  const places = {
    stride,
    int8Stride,
    rows: take(fours * stride),
    biases: take(fours * 4),
    int8Rows: take(int8Rows * int8Stride),
    scales: take(int8Rows * 4),
    shifts: take(int8Rows * 4),
    query: take(stride),
    fixedQuery: take(2 * int8Stride),
    candidateScores: take(4 * MOST),
    candidates: take(4 * MOST),
    bestScores: take(4 * MOST),
    bestIds: take(4 * MOST),
  };
  return { ...places, end };
}
