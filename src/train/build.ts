import { LIMIT_EXPONENT } from "../abi.ts";
import {
  codebookDims,
  type IndexFacts,
  MAX_BITS,
  MAX_DIM,
  paddedCodeword,
  type RowType,
  type TensorName,
  tensorTable,
} from "../facts.ts";
import { type Checksum, serialise } from "../format.ts";
import { encode } from "./encode.ts";
import { type InvertedLists, invertLists } from "./inverted-lists.ts";
import type { TrainKernels } from "./kernels.ts";
import { type Quantizer, type QuantizerKind, trainQuantizer } from "./quantizer.ts";
import { renumberSecond } from "./renumber.ts";
import { bucketRadii } from "./residuals.ts";
import { encodeRows } from "./row-codec.ts";

/** f32 (N, D), row-major. */
export interface Matrix {
  readonly data: Float32Array;
  readonly shape: readonly [number, number];
}

export interface BuildProgress {
  readonly phase: "train" | "encode" | "write";
  readonly done: number;
  readonly total: number;
}

/** What was made. */
export interface BuildReport {
  readonly itemCount: number;
  readonly bucketCount: number;
  readonly largestBucket: number;
  readonly bytesPerRow: number;
  /** √(Σ‖row − stored row‖² / Σ‖row‖²): what storing the rows as `rows` costs. */
  readonly rowError: number;
  /** √(Σ‖stored row − codewords‖² / Σ‖stored row‖²): what the buckets know of a row. */
  readonly residualShare: number;
}

export interface BuildOptions {
  /** N biases, added to the logits exactly. */
  readonly bias?: ArrayLike<number>;
  /** N class counts ≥ 0: k-means weighs rows by their square root. */
  readonly counts?: ArrayLike<number>;
  /** Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the codewords per codebook, 0 … 10. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /** How rows are stored. Default "i8". */
  readonly rows?: RowType;
  /** Default "dot". "cosine" stores rows at unit length. */
  readonly metric?: "dot" | "cosine";
  /** Default 0. */
  readonly seed?: number | bigint;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly onReport?: (report: BuildReport) => void;
  readonly signal?: AbortSignal;
}

const BUILDER = "midx 0.1.0";
const LIMIT = 2 ** LIMIT_EXPONENT;
const HALF_LIMIT = 65504;

/** The bytes of an index file. `checksum` is XXH64. TypeError and RangeError name the argument at fault. */
export async function buildWith(
  kernels: TrainKernels,
  checksum: Checksum,
  embeddings: Matrix,
  options: BuildOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { quantizer: kind = "rq", rows = "i8", metric = "dot", onProgress, signal } = options;
  const [itemCount, dim] = checkMatrix(embeddings, rows);
  oneOf("quantizer", kind, ["rq", "pq"]);
  oneOf("rows", rows, ["f32", "f16", "i8"]);
  oneOf("metric", metric, ["dot", "cosine"]);
  const bias = checkVector("bias", options.bias, itemCount, -LIMIT);
  const counts = checkVector("counts", options.counts, itemCount, 0);
  const bits = checkBits(options.bits ?? defaultBits(itemCount));
  const seed = checkSeed(options.seed ?? 0);
  const data = metric === "cosine" ? unitRows(embeddings.data, dim) : embeddings.data;

  const trained = await trainQuantizer(
    kernels,
    { data, itemCount, dim, ...(counts && { weights: counts.map(Math.sqrt) }) },
    {
      kind,
      bits,
      seed,
      ...(signal && { signal }),
      onProgress: (done, total) => onProgress?.({ phase: "train", done, total }),
    },
  );
  onProgress?.({ phase: "encode", done: 0, total: itemCount });
  const codes = encode(kernels, trained, data, itemCount);
  const quantizer = renumberSecond(trained, codes);
  const lists = invertLists(codes, quantizer.codewordCount);
  const stored = encodeRows(data, dim, lists.ids, rows);
  onProgress?.({ phase: "encode", done: itemCount, total: itemCount });
  signal?.throwIfAborted();

  const facts: IndexFacts = {
    itemCount,
    dim,
    bits,
    quantizer: kind,
    rows,
    metric,
    hasBias: bias !== undefined,
    bucketCount: lists.codes.length,
    largestBucket: lists.largestBucket,
    seed,
    source: hashSource(checksum, embeddings.data, bias),
    builder: BUILDER,
  };
  const file = serialise(
    facts,
    padTensors(facts, {
      codebook1: padCodebook(quantizer.codebook1, facts, 0),
      codebook2: padCodebook(quantizer.codebook2, facts, 1),
      bucketCodes: lists.codes,
      bucketOffsets: lists.offsets,
      bucketRadii: bucketRadii(quantizer, lists, stored),
      ids: lists.ids,
      ...(bias && { bias: Float32Array.from(lists.ids, (id) => bias[id] as number) }),
      ...(stored.scales && { rowScales: stored.scales }),
      rows: stored.bytes,
    }),
    checksum,
  );
  onProgress?.({ phase: "write", done: file.byteLength, total: file.byteLength });
  options.onReport?.({
    itemCount,
    bucketCount: facts.bucketCount,
    largestBucket: facts.largestBucket,
    bytesPerRow: itemCount > 0 ? file.byteLength / itemCount : 0,
    ...errors(data, dim, quantizer, lists, stored.value),
  });
  return file;
}

/** ⌊log₂ N / 2⌋ in 0 … 8: about as many buckets as classes. */
export function defaultBits(itemCount: number): number {
  let bits = 0;
  while (bits < 8 && 4 ** (bits + 1) <= itemCount) bits++;
  return bits;
}

function errors(
  data: Float32Array,
  dim: number,
  quantizer: Quantizer,
  lists: InvertedLists,
  value: (row: number, column: number) => number,
): { rowError: number; residualShare: number } {
  const { kind, codewordCount, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  let lost = 0;
  let total = 0;
  let residuals = 0;
  let storedTotal = 0;
  for (let b = 0; b < lists.codes.length; b++) {
    const second = (lists.codes[b] as number) % codewordCount;
    const first = ((lists.codes[b] as number) - second) / codewordCount;
    for (let p = lists.offsets[b] as number; p < (lists.offsets[b + 1] as number); p++) {
      const start = (lists.ids[p] as number) * dim;
      for (let d = 0; d < dim; d++) {
        const given = data[start + d] as number;
        const kept = value(p, d);
        let residual = kept;
        if (d < dim1) residual -= codebook1[first * dim1 + d] as number;
        if (d >= secondFrom) residual -= codebook2[second * dim2 + d - secondFrom] as number;
        lost += (given - kept) * (given - kept);
        total += given * given;
        residuals += residual * residual;
        storedTotal += kept * kept;
      }
    }
  }
  return {
    rowError: total > 0 ? Math.sqrt(lost / total) : 0,
    residualShare: storedTotal > 0 ? Math.sqrt(residuals / storedTotal) : 0,
  };
}

function checkMatrix({ data, shape }: Matrix, rows: RowType): [number, number] {
  if (!(data instanceof Float32Array)) throw new TypeError('"data" expected a Float32Array');
  const [itemCount, dim] = shape;
  if (!Number.isInteger(itemCount) || itemCount < 0 || itemCount >= 2 ** 31) {
    throw new RangeError(`"shape"[0] expected 0..2^31-1 rows, got ${itemCount}`);
  }
  if (!Number.isInteger(dim) || dim < 1 || dim > MAX_DIM) {
    throw new RangeError(`"shape"[1] expected 1..${MAX_DIM} values a row, got ${dim}`);
  }
  if (data.length !== itemCount * dim) {
    throw new RangeError(`"data" expected ${itemCount} × ${dim} = ${itemCount * dim} values, got ${data.length}`);
  }
  const limit = rows === "f16" ? HALF_LIMIT : LIMIT;
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(data[i] as number) <= limit) continue;
    const row = Math.floor(i / dim);
    throw new RangeError(`"data" row ${row} expected finite values of magnitude at most ${limit}, got ${data[i]}`);
  }
  return [itemCount, dim];
}

function checkVector(
  name: string,
  values: ArrayLike<number> | undefined,
  count: number,
  least: number,
): Float32Array | undefined {
  if (values === undefined) return undefined;
  if (values.length !== count) throw new RangeError(`"${name}" expected ${count} values, got ${values.length}`);
  const rounded = Float32Array.from(values);
  const bad = rounded.findIndex((value) => !(value >= least && value <= LIMIT));
  if (bad >= 0)
    throw new RangeError(`"${name}"[${bad}] expected a finite value of at least ${least}, got ${values[bad]}`);
  return rounded;
}

function checkBits(bits: number): number {
  if (!Number.isInteger(bits) || bits < 0 || bits > MAX_BITS) {
    throw new RangeError(`"bits" expected an integer in 0..${MAX_BITS}, got ${bits}`);
  }
  return bits;
}

function checkSeed(seed: number | bigint): bigint {
  if (typeof seed !== "bigint" && !Number.isInteger(seed)) {
    throw new TypeError(`"seed" expected an integer or a bigint, got ${String(seed)}`);
  }
  return BigInt.asUintN(64, BigInt(seed));
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new RangeError(`"${name}" expected ${known.join(" or ")}, got ${String(value)}`);
}

/** Rows at unit length; zero rows stay. */
function unitRows(data: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += dim) {
    let square = 0;
    for (let d = 0; d < dim; d++) square += (data[start + d] as number) ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = 0; d < dim; d++) unit[start + d] = (data[start + d] as number) * scale;
  }
  return unit;
}

const HASH_BLOCK_BYTES = 65536;

/** XXH64 chained over 64 KiB blocks of the values, then of the biases; 16 hex digits. */
function hashSource(checksum: Checksum, data: Float32Array, bias: Float32Array | undefined): string {
  let hash = 0n;
  for (const values of bias ? [data, bias] : [data]) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let at = 0; at < bytes.byteLength; at += HASH_BLOCK_BYTES) {
      hash = checksum(bytes.subarray(at, at + HASH_BLOCK_BYTES), hash);
    }
  }
  return hash.toString(16).padStart(16, "0");
}

function padCodebook(codebook: Float32Array, facts: IndexFacts, which: 0 | 1): Float32Array {
  const dim = codebookDims(facts)[which];
  const stride = paddedCodeword(dim);
  const padded = new Float32Array(2 ** facts.bits * stride);
  for (let k = 0; k < 2 ** facts.bits; k++) padded.set(codebook.subarray(k * dim, (k + 1) * dim), k * stride);
  return padded;
}

/** The bytes of each tensor, zeros up to the size its shape has in the file. */
function padTensors(
  facts: IndexFacts,
  tensors: Partial<Record<TensorName, ArrayBufferView>>,
): Partial<Record<TensorName, Uint8Array>> {
  const padded: Partial<Record<TensorName, Uint8Array>> = {};
  for (const { name, shape } of tensorTable(facts)) {
    const view = tensors[name] as ArrayBufferView;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    if (name === "rows" || name.startsWith("codebook")) {
      padded[name] = bytes;
      continue;
    }
    const whole = new Uint8Array((shape[0] as number) * 4);
    whole.set(bytes);
    padded[name] = whole;
  }
  return padded;
}
