import { type IndexFacts, paddedRow, type TensorName } from "../../../facts.ts";
import { type Checksum, placeTensors, serialiseIndexHeader, tensorSeed } from "../../../format.ts";
import type { Codes } from "../../encode.ts";
import { padCodebook } from "../../file-tensors.ts";
import { invertLists } from "../../inverted-lists.ts";
import type { Quantizer } from "../../quantizer.ts";

/** The file of an index with f32 rows, without codes finer than its buckets, at once; `facts` but for the buckets. */
export function indexBytes(
  checksum: Checksum,
  given: IndexFacts,
  quantizer: Quantizer,
  codes: Codes,
  rows: Float32Array,
  biases: Float32Array,
): Uint8Array<ArrayBuffer> {
  const lists = invertLists(codes, quantizer.codewordCount);
  const facts = { ...given, bucketCount: lists.codes.length, largestBucket: lists.largestBucket };
  const { dim } = facts;
  const stride = paddedRow(facts);
  const sorted = new Float32Array(facts.itemCount * stride);
  for (const [position, id] of lists.ids.entries()) {
    sorted.set(rows.subarray(id * dim, (id + 1) * dim), position * stride);
  }
  const tensors: Partial<Record<TensorName, ArrayBufferView>> = {
    codebook1: padCodebook(quantizer.codebook1, facts, 0),
    codebook2: padCodebook(quantizer.codebook2, facts, 1),
    bucketCodes: lists.codes,
    bucketOffsets: lists.offsets,
    ids: lists.ids,
    bias: Float32Array.from(lists.ids, (id) => biases[id] as number),
    rows: sorted,
  };
  const { places, fileBytes } = placeTensors(facts);
  const file = new Uint8Array(fileBytes);
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const { name, begin, end } of places) {
    const values = tensors[name] as ArrayBufferView;
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), begin);
    checksums[name] = checksum(file.subarray(begin, end), tensorSeed(checksum, name, begin));
  }
  file.set(serialiseIndexHeader(facts, checksums, checksum));
  return file;
}
