import { DISPERSION_DIRECTIONS } from "../../abi.ts";
import { tensorSeed } from "../../bytes/sealed-header.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { placeTensors, serialiseIndexHeader } from "../../format/header.ts";
import { paddedCodeword, type TensorName } from "../../format/tensor-spec.ts";
import { rowBytes } from "../../format/tensors.ts";
import type { LabelTable } from "../../memory/labels.ts";
import type { EncodedColumns } from "../build/encode-columns.ts";
import { codeBlocksOf, fineRecordBytes } from "../codes/fine-coding.ts";
import { padRows } from "../rows/padded-rows.ts";
import { type ByteChunks, bytesOf, reordered } from "../runtime/byte-chunks.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type BaseIndex, checksumOf } from "./base-index.ts";
import type { CompactedLists } from "./compacted-lists.ts";
import type { MeasuredRows } from "./measured-rows.ts";
import type { StoredTable } from "./stored-table.ts";

/** The parts from which the new file is made. */
export interface CompactedParts {
  readonly base: BaseIndex;
  readonly facts: IndexFacts;
  readonly table: StoredTable;
  readonly measured: MeasuredRows;
  readonly listed: CompactedLists;
  readonly fineRecords: Uint8Array | undefined;
  readonly labels: LabelTable | undefined;
  readonly columns: EncodedColumns | undefined;
  /** Tensors that take the place of those of the older file. */
  readonly replaced: Readonly<Partial<Record<TensorName, Uint8Array>>>;
}

/** Writes the new file. Tensors that are not made here are those of the older file, byte for byte. */
export function writeCompacted(kernels: TrainKernels, parts: CompactedParts): Uint8Array<ArrayBuffer> {
  const { base, facts } = parts;
  const checksum = checksumOf(kernels);
  const { places, fileBytes } = placeTensors(facts);
  const made = tensorsOf(parts);
  const file = new Uint8Array(fileBytes);
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const { name, begin, end } of places) {
    let at = begin;
    for (const chunk of made[name] ?? [base.bytes(name) as Uint8Array]) {
      file.set(chunk, at);
      at += chunk.byteLength;
    }
    checksums[name] = checksum(file.subarray(begin, end), tensorSeed(checksum, name, begin));
  }
  file.set(serialiseIndexHeader(facts, checksums, checksum));
  return file;
}

function tensorsOf(parts: CompactedParts): Partial<Record<TensorName, ByteChunks>> {
  const { facts, table, measured, listed, labels, columns, replaced } = parts;
  const { lists, dispersions, codeDispersion } = listed;
  const { meanSquareNorm, largestSquareNorm, directions, bias } = measured;
  const made: Partial<Record<TensorName, ByteChunks>> = {
    bucketCodes: [bytesOf(lists.codes)],
    bucketOffsets: [bytesOf(lists.offsets)],
    ids: [bytesOf(lists.ids)],
    ...(bias && { bias: reordered(bias, lists.ids) }),
    rows: records(parts, "rows"),
    ...(facts.rows === "i8" && {
      rowScales: [bytesOf(Float32Array.from(lists.ids, (id) => table.float("scales", id) as number))],
    }),
    ...(facts.residuals && { "residuals.rows": records(parts, "residuals") }),
    ...(facts.hasFineCodes && { fineCodes: codeBlocksOf(fineByPosition(parts), fineRecordBytes(facts.dim)) }),
    ...(labels && {
      labelOffsets: [bytesOf(labels.offsets)],
      labelOrder: [bytesOf(labels.order)],
      labelText: [labels.text],
    }),
    "dispersion.buckets": [bytesOf(dispersions)],
    "dispersion.directions": [
      bytesOf(padRows(directions, DISPERSION_DIRECTIONS, facts.dim, paddedCodeword(facts.dim))),
    ],
    "dispersion.means": [bytesOf(Float32Array.of(codeDispersion, meanSquareNorm, largestSquareNorm))],
    ...columns?.tensors(lists.ids),
  };
  for (const [name, bytes] of Object.entries(replaced)) if (bytes) made[name as TensorName] = [bytes];
  return made;
}

/** Yields the rows, or their residuals, by position. */
function* records({ table, listed: { lists }, facts }: CompactedParts, part: "rows" | "residuals"): ByteChunks {
  const bytes = rowBytes(facts);
  const chunk = new Uint8Array(bytes * table.chunkRows);
  let filled = 0;
  for (const id of lists.ids) {
    chunk.set(table.record(part, id) as Uint8Array, filled);
    filled += bytes;
    if (filled < chunk.length) continue;
    yield chunk;
    filled = 0;
  }
  yield chunk.subarray(0, filled);
}

/** Yields the fine codes by position, with zeros for outliers. */
function* fineByPosition({ fineRecords, facts, listed: { lists, outlierCount } }: CompactedParts): ByteChunks {
  const bytes = fineRecordBytes(facts.dim);
  for (const id of lists.ids.subarray(0, lists.ids.length - outlierCount)) {
    yield (fineRecords as Uint8Array).subarray(id * bytes, (id + 1) * bytes);
  }
  yield new Uint8Array(outlierCount * bytes);
}
