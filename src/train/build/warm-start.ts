import { FormatError } from "../../bytes/format-error.ts";
import type { Checksum } from "../../bytes/sealed-header.ts";
import { isTypedArray, kindOf, shown } from "../../checks/check.ts";
import type { IndexFacts } from "../../format/facts.ts";
import type { IndexHeader } from "../../format/header.ts";
import { parse, tensorChecksum } from "../../format/header.ts";
import { paddedCodeword, type TensorName } from "../../format/tensor-spec.ts";
import { codebookDims } from "../../format/tensors.ts";
import type { LabelTable } from "../../memory/labels.ts";
import type { ReusedCodebooks } from "./reused-codebooks.ts";

/** Stands for the bucket of an outlier, which has none. */
export const NO_BUCKET = -1;

/** The parts of an older index that a build reuses. */
export interface WarmStart extends ReusedCodebooks {
  readonly facts: IndexFacts;
  /** k1·K + k2 of each class of the older index, NO_BUCKET for an outlier. */
  readonly buckets: Int32Array;
  /** The labels of its classes. Undefined where it has none. */
  readonly labels: LabelTable | undefined;
}

/**
 * Reads codebooks and buckets from an index file. Throws a FormatError where these parts are damaged or the file is not an
 * index, and a TypeError for something else than bytes.
 */
export function readWarmStart(file: Uint8Array, checksum: Checksum): WarmStart {
  if (!isTypedArray(file, "Uint8Array")) {
    throw new TypeError(`"warmFrom" expected a Uint8Array, the bytes of an index file, got ${kindOf(file)}`);
  }
  try {
    return warmStartOf(file, checksum);
  } catch (error) {
    if (error instanceof FormatError) error.message = `"warmFrom": ${error.message}`;
    throw error;
  }
}

/** Reads the codebooks and buckets that a build reuses from an index file. Errors name no option. */
export function warmStartOf(file: Uint8Array, checksum: Checksum): WarmStart {
  const header = parse(file, file.byteLength, checksum);
  if (file.byteLength !== header.fileBytes) {
    throw new FormatError(
      "file-extended",
      header.fileBytes,
      `the tensors end there, but the file has ${file.byteLength} bytes`,
    );
  }
  const { facts } = header;
  const read = (name: TensorName): ArrayBuffer => readTensor(file, header, name, checksum);
  const [dim1, dim2] = codebookDims(facts);
  const codewordCount = 2 ** facts.bits;
  return {
    facts,
    quantizer: {
      kind: facts.quantizer,
      codewordCount,
      dim: facts.dim,
      dim1,
      dim2,
      codebook1: withoutPadding(new Float32Array(read("codebook1")), codewordCount, dim1),
      codebook2: withoutPadding(new Float32Array(read("codebook2")), codewordCount, dim2),
    },
    fineCodebooks: facts.hasFineCodes ? new Float32Array(read("fineCodebooks")) : undefined,
    buckets: bucketsOf(
      facts,
      new Int32Array(read("bucketCodes")),
      new Int32Array(read("bucketOffsets")),
      new Int32Array(read("ids")),
    ),
    labels: facts.hasLabels
      ? {
          offsets: new Int32Array(read("labelOffsets")).subarray(0, facts.itemCount + 1),
          order: new Int32Array(read("labelOrder")).subarray(0, facts.itemCount),
          text: new Uint8Array(read("labelText")).subarray(0, facts.labelBytes),
        }
      : undefined,
  };
}

/** Returns a copy, which is aligned for elements of any type. */
function readTensor(file: Uint8Array, header: IndexHeader, name: TensorName, checksum: Checksum): ArrayBuffer {
  const { begin, end } = header.tensors[name] as { begin: number; end: number };
  // `slice` of a Buffer would return a view.
  const bytes = Uint8Array.from(file.subarray(begin, end));
  if (tensorChecksum(checksum, name, begin, bytes) !== header.checksums[name]) {
    throw new FormatError("tensor-checksum", begin, `"${name}" does not match its checksum`);
  }
  return bytes.buffer as ArrayBuffer;
}

function withoutPadding(padded: Float32Array, codewordCount: number, dim: number): Float32Array {
  const stride = paddedCodeword(dim);
  const codebook = new Float32Array(codewordCount * dim);
  for (let k = 0; k < codewordCount; k++) codebook.set(padded.subarray(k * stride, k * stride + dim), k * dim);
  return codebook;
}

function bucketsOf(
  { itemCount, bucketCount }: IndexFacts,
  codes: Int32Array,
  offsets: Int32Array,
  ids: Int32Array,
): Int32Array {
  const buckets = new Int32Array(itemCount).fill(NO_BUCKET);
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const end = Math.min(offsets[bucket + 1] as number, itemCount);
    for (let at = offsets[bucket] as number; at < end; at++) buckets[ids[at] as number] = codes[bucket] as number;
  }
  return buckets;
}

/**
 * Throws a RangeError where the older index has another value of one of these options. Options that are not given follow
 * it.
 */
export function checkWarmStart(
  { facts }: ReusedCodebooks,
  expected: { readonly dim: number } & Partial<Pick<IndexFacts, "quantizer" | "bits" | "metric">>,
): void {
  for (const name of ["dim", "quantizer", "bits", "metric"] as const) {
    const value = expected[name];
    if (value === undefined || value === facts[name]) continue;
    throw new RangeError(`"warmFrom" expected an index with ${name} ${value}, got one with ${facts[name]}`);
  }
}

/** The most updates of reused codebooks. */
export const MAX_WARM_PASSES = 1000;

export function checkWarmPasses({
  warmFrom,
  warmPasses = 0,
}: {
  readonly warmFrom?: Uint8Array;
  readonly warmPasses?: number;
}): number {
  if (!Number.isInteger(warmPasses) || warmPasses < 0 || warmPasses > MAX_WARM_PASSES) {
    throw new RangeError(`"warmPasses" expected an integer in 0..${MAX_WARM_PASSES}, got ${shown(warmPasses)}`);
  }
  if (warmPasses > 0 && warmFrom === undefined) throw new RangeError('"warmPasses" expected "warmFrom" beside it');
  return warmPasses;
}
