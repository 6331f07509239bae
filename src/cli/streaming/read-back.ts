import { fstatSync } from "node:fs";
import { type Checksum, tensorSeed } from "../../bytes/sealed-header.ts";
import { headerLength, type IndexHeader, parse, type TensorPlace } from "../../format/header.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import type { TrainKernels } from "../../train/runtime/kernels.ts";
import { startChecksum } from "../../train/runtime/running-checksum.ts";
import { readAll } from "../scratch/scratch-file.ts";

const READ_BYTES = 2 ** 20;

export interface StoredHeader {
  readonly header: IndexHeader;
  readonly headerBytes: Uint8Array<ArrayBuffer>;
}

/** Reads the header of an index file. Throws a FormatError as `parse` does. */
export function readHeader(fd: number, checksum: Checksum): StoredHeader {
  const first8 = new Uint8Array(8);
  readAll(fd, 0, first8);
  const fileBytes = fstatSync(fd).size;
  const headerBytes = new Uint8Array(headerLength(first8, fileBytes));
  readAll(fd, 0, headerBytes);
  return { header: parse(headerBytes, fileBytes, checksum), headerBytes };
}

/** Reads a whole index file back. Throws a FormatError as `parse` does, and an Error for a tensor with a wrong checksum. */
export function readBack(fd: number, kernels: TrainKernels, checksum: Checksum): StoredHeader {
  const { header, headerBytes } = readHeader(fd, checksum);
  const buffer = new Uint8Array(READ_BYTES);
  for (const [name, { begin, end }] of Object.entries(header.tensors) as [TensorName, TensorPlace][]) {
    const running = startChecksum(kernels, tensorSeed(checksum, name, begin));
    for (let at = begin; at < end; at += READ_BYTES) {
      const piece = buffer.subarray(0, Math.min(READ_BYTES, end - at));
      readAll(fd, at, piece);
      running.add(piece);
    }
    if (running.value() !== header.checksums[name])
      throw new Error(`"${name}" differs on the disk from what was written`);
  }
  return { header, headerBytes };
}
