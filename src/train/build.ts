import type { IndexFacts, RowType } from "../facts.ts";
import { type Checksum, serialise } from "../format.ts";
import { checkBits, checkMatrix, checkOneOf, checkSeed, checkVector } from "./build-check.ts";
import { encode } from "./encode.ts";
import { padCodebook, padTensors } from "./file-tensors.ts";
import { invertLists } from "./inverted-lists.ts";
import type { TrainKernels } from "./kernels.ts";
import { quantizationErrors } from "./quantization-error.ts";
import { type QuantizerKind, trainQuantizer } from "./quantizer.ts";
import { renumberSecond } from "./renumber.ts";
import { bucketRadii } from "./residuals.ts";
import { encodeRows } from "./row-codec.ts";
import { hashSource } from "./source-hash.ts";
import { unitRows } from "./unit-rows.ts";

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
/** The bytes of an index file. `checksum` is XXH64. TypeError and RangeError name the argument at fault. */
export async function buildWith(
  kernels: TrainKernels,
  checksum: Checksum,
  embeddings: Matrix,
  options: BuildOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { quantizer: kind = "rq", rows = "i8", metric = "dot", onProgress, signal } = options;
  const [itemCount, dim] = checkMatrix(embeddings, rows);
  checkOneOf("quantizer", kind, ["rq", "pq"]);
  checkOneOf("rows", rows, ["f32", "f16", "i8"]);
  checkOneOf("metric", metric, ["dot", "cosine"]);
  const bias = checkVector("bias", options.bias, itemCount, Number.NEGATIVE_INFINITY);
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
    ...quantizationErrors(data, dim, quantizer, lists, stored),
  });
  return file;
}

/** ⌊log₂ N / 2⌋ in 0 … 8: about as many buckets as classes. */
function defaultBits(itemCount: number): number {
  let bits = 0;
  while (bits < 8 && 4 ** (bits + 1) <= itemCount) bits++;
  return bits;
}
