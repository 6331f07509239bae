import { FormatError } from "../../bytes/format-error.ts";
import { type Checksum, tensorSeed } from "../../bytes/sealed-header.ts";
import { sha256 } from "../../bytes/sha256.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { type IndexHeader, parse, type TensorPlace } from "../../format/header.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { type WarmStart, warmStartOf } from "../build/warm-start.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { startChecksum } from "../runtime/running-checksum.ts";

/** An index file that is to be compacted, with every checksum verified. */
export interface BaseIndex {
  readonly header: IndexHeader;
  readonly facts: IndexFacts;
  readonly contentId: string;
  readonly warm: WarmStart;
  /** The class at each position. */
  readonly ids: Int32Array;
  /** The position of each class. */
  readonly positions: Int32Array;
  /** Returns the bytes of a tensor, in place. Undefined if the file has none of this name. */
  bytes(name: TensorName): Uint8Array | undefined;
  /** Returns the first `count` f32 of a tensor. */
  floats(name: TensorName, count: number): Float32Array | undefined;
}

/** XXH64 by the train module, a block at a time, so that no tensor is copied as a whole. */
export const checksumOf =
  (kernels: TrainKernels): Checksum =>
  (bytes, seed) => {
    const running = startChecksum(kernels, seed);
    running.add(bytes);
    return running.value();
  };

/**
 * Reads an index file. Throws a FormatError with a code of parse, or with file-extended, tensor-checksum, ids, bucket-offsets
 * or bucket-codes.
 */
export async function readBase(given: Uint8Array, kernels: TrainKernels): Promise<BaseIndex> {
  const checksum = checksumOf(kernels);
  // Views of tensors need the alignment of their elements.
  const file = given.byteOffset % 8 === 0 ? given : Uint8Array.from(given);
  const warm = warmStartOf(file, checksum);
  const header = parse(file, file.byteLength, checksum);
  const bytes = (name: TensorName): Uint8Array | undefined => {
    const place = header.tensors[name];
    return place && file.subarray(place.begin, place.end);
  };
  for (const [name, { begin }] of Object.entries(header.tensors) as [TensorName, TensorPlace][]) {
    if (checksum(bytes(name) as Uint8Array, tensorSeed(checksum, name, begin)) === header.checksums[name]) continue;
    throw new FormatError("tensor-checksum", begin, `"${name}" does not match its checksum`);
  }
  const integers = (name: TensorName, count: number): Int32Array => {
    const { buffer, byteOffset } = bytes(name) as Uint8Array;
    return new Int32Array(buffer, byteOffset, count);
  };
  const { facts } = header;
  const ids = integers("ids", facts.itemCount);
  checkBuckets(header, integers("bucketOffsets", facts.bucketCount + 1), integers("bucketCodes", facts.bucketCount));
  return {
    header,
    facts,
    warm,
    ids,
    bytes,
    contentId: await sha256(file.subarray(0, header.headerBytes)),
    positions: positionsOf(ids, header),
    floats: (name, count) => {
      const view = bytes(name);
      return view && new Float32Array(view.buffer, view.byteOffset, count);
    },
  };
}

function positionsOf(ids: Int32Array, { tensors }: IndexHeader): Int32Array {
  const positions = new Int32Array(ids.length).fill(-1);
  for (const [position, id] of ids.entries()) {
    if (id < 0 || id >= ids.length || positions[id] !== -1) {
      const at = (tensors.ids as TensorPlace).begin + 4 * position;
      throw new FormatError("ids", at, `id ${id} is out of range or there twice`);
    }
    positions[id] = position;
  }
  return positions;
}

function checkBuckets({ facts, tensors }: IndexHeader, offsets: Int32Array, codes: Int32Array): void {
  const bucketed = facts.itemCount - (facts.outliers?.count ?? 0);
  const rises = offsets.every((offset, i) => offset >= (i === 0 ? 0 : (offsets[i - 1] as number)));
  if (!rises || offsets[0] !== 0 || offsets.at(-1) !== bucketed) {
    const { begin } = tensors.bucketOffsets as TensorPlace;
    throw new FormatError("bucket-offsets", begin, `offsets of buckets expected to rise from 0 to ${bucketed}`);
  }
  if (codes.every((code) => code >= 0 && code < 4 ** facts.bits)) return;
  const { begin } = tensors.bucketCodes as TensorPlace;
  throw new FormatError("bucket-codes", begin, `codes of buckets expected at most ${4 ** facts.bits - 1}`);
}
