import { type Checksum, tensorSeed } from "../../../bytes/sealed-header.ts";
import type { IndexFacts } from "../../../format/facts.ts";
import { placeTensors, serialiseIndexHeader } from "../../../format/header.ts";
import type { TensorName } from "../../../format/tensor-spec.ts";
import { paddedRow } from "../../../format/tensors.ts";
import { invertLists } from "../../codes/inverted-lists.ts";
import { padCodebook } from "../../rows/padded-rows.ts";
import type { QuantizedClasses } from "./proposal.ts";

/** Makes an index file with f32 rows and without fine codes, synchronously. It is opened in memory and never stored. */
export function indexBytes(
  checksum: Checksum,
  { quantizer, codes, rows, biases }: QuantizedClasses,
): Uint8Array<ArrayBuffer> {
  const { kind, codewordCount, dim } = quantizer;
  const lists = invertLists(codes, codewordCount);
  const facts: IndexFacts = {
    itemCount: biases.length,
    dim,
    bits: 31 - Math.clz32(codewordCount),
    quantizer: kind,
    rows: "f32",
    metric: "dot",
    hasBias: true,
    hasFineCodes: false,
    hasLabels: false,
    labelBytes: 0,
    bucketCount: lists.codes.length,
    largestBucket: lists.largestBucket,
    seed: 0n,
    source: "0".repeat(16),
    builder: "a sampler",
  };
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
