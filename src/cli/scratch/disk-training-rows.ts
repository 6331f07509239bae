import { BLOCK_ROWS } from "../../train/rows/row-source.ts";
import type { TrainingRows } from "../../train/rows/training-rows.ts";
import { bytesOf } from "../../train/runtime/byte-chunks.ts";
import type { ScratchFile } from "./scratch-file.ts";

/** The number of bytes of rows that are written or read at a time. */
export const BUFFER_BYTES = 2 ** 20;

/** Training rows in a scratch file, f32 (rowCount, dim), read again in every walk: the system keeps them if it can. */
export function diskTrainingRows(rowCount: number, dim: number, scratch: ScratchFile): TrainingRows {
  const rowBytes = dim * 4;
  const buffer = new Float32Array(Math.max(1, Math.floor(BUFFER_BYTES / rowBytes)) * dim);
  let buffered = 0;
  let written = 0;
  const flush = (): void => {
    const bytes = bytesOf(buffer.subarray(0, buffered));
    scratch.write(written, bytes);
    written += bytes.byteLength;
    buffered = 0;
  };
  return {
    rowCount,
    dim,
    add(rows) {
      for (let at = 0; at < rows.length; ) {
        const part = rows.subarray(at, at + buffer.length - buffered);
        buffer.set(part, buffered);
        at += part.length;
        buffered += part.length;
        if (buffered === buffer.length) flush();
      }
    },
    table() {
      flush();
      const chunk = new Float32Array(Math.min(buffer.length, BLOCK_ROWS * dim));
      const chunkRows = chunk.length / dim;
      return {
        itemCount: rowCount,
        dim,
        chunkRows,
        *chunks() {
          for (let first = 0; first < rowCount; first += chunkRows) {
            const rows = chunk.subarray(0, (rowCount - first) * dim);
            scratch.read(first * rowBytes, bytesOf(rows));
            yield rows;
          }
        },
      };
    },
    place() {
      flush();
      return { rowCount, dim, descriptor: scratch.fd };
    },
    columns(arena, from, to) {
      flush();
      const width = to - from;
      return {
        rowCount,
        dim: width,
        load(start, count, address) {
          const target = arena.f32(address, count * width);
          if (width === dim) return scratch.read(start * rowBytes, bytesOf(target));
          const batch = buffer.length / dim;
          for (let first = 0; first < count; first += batch) {
            const read = Math.min(batch, count - first);
            scratch.read((start + first) * rowBytes, bytesOf(buffer.subarray(0, read * dim)));
            for (let row = 0; row < read; row++) {
              target.set(buffer.subarray(row * dim + from, row * dim + to), (first + row) * width);
            }
          }
        },
      };
    },
  };
}
