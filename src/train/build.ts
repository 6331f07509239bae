import { checkSeed } from "../check.ts";
import type { IndexFacts } from "../facts.ts";
import { type Checksum, serialise } from "../format.ts";
import { type BuildOptions, checkBits, checkMatrix, checkOneOf, checkVector, type Matrix } from "./build-input.ts";
import { encode } from "./encode.ts";
import { padCodebook, padTensors } from "./file-tensors.ts";
import { invertLists } from "./inverted-lists.ts";
import type { TrainKernels } from "./kernels.ts";
import { trainQuantizer } from "./quantizer.ts";
import { renumberSecond } from "./renumber.ts";
import { measureResiduals } from "./residuals.ts";
import { encodeRows } from "./row-codec.ts";
import { hashSource } from "./source-hash.ts";
import { unitRows } from "./unit-rows.ts";

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
  const errors = measureResiduals(data, quantizer, lists, stored);

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
    ...errors,
  });
  return file;
}

/** ⌊log₂ N / 2⌋ in 0 … 8: about as many buckets as classes. */
function defaultBits(itemCount: number): number {
  let bits = 0;
  while (bits < 8 && 4 ** (bits + 1) <= itemCount) bits++;
  return bits;
}
