import { type Records, scatter } from "../../train/runtime/records.ts";
import type { ScratchFile } from "./scratch-file.ts";

/**
 * Sorts records by position on disk. Positions are divided into partitions that fit in memory one at a time. A record is
 * appended to its partition's region of the scratch file, after its position, through a buffer per partition. Then each
 * region is read once, in the order of the file, and its records are put in their places.
 *
 *     scratch file  │ partition 0            │ partition 1            │ …
 *                   │ position, record │ …   │ position, record │ …   │
 */
export function diskRecords(count: number, recordBytes: number, scratch: ScratchFile, memoryBytes: number): Records {
  const entryBytes = POSITION_BYTES + recordBytes;
  const { partitionRecords, partitionCount, bufferBytes } = partition(count, recordBytes, memoryBytes);
  const memory = new Uint8Array(Math.max(partitionRecords * recordBytes, partitionCount * bufferBytes));
  const buffered = new Int32Array(partitionCount);
  const written = new Float64Array(partitionCount);
  const flush = (p: number): void => {
    const bytes = memory.subarray(p * bufferBytes, p * bufferBytes + (buffered[p] as number));
    scratch.write(p * partitionRecords * entryBytes + (written[p] as number), bytes);
    written[p] = (written[p] as number) + bytes.byteLength;
    buffered[p] = 0;
  };
  return {
    put(positions, records) {
      for (const [i, position] of positions.entries()) {
        const p = Math.floor(position / partitionRecords);
        const at = p * bufferBytes + (buffered[p] as number);
        for (let byte = 0; byte < POSITION_BYTES; byte++) memory[at + byte] = position >>> (8 * byte);
        memory.set(records.subarray(i * recordBytes, (i + 1) * recordBytes), at + POSITION_BYTES);
        buffered[p] = (buffered[p] as number) + entryBytes;
        if (buffered[p] === bufferBytes) flush(p);
      }
    },
    *chunks() {
      for (let p = 0; p < partitionCount; p++) flush(p);
      const batch = Math.max(1, Math.min(partitionRecords, Math.floor(READ_BYTES / entryBytes)));
      const entries = new Uint8Array(batch * entryBytes);
      const positions = new Int32Array(batch);
      const records = new Uint8Array(batch * recordBytes);
      for (let first = 0; first < count; first += partitionRecords) {
        const end = Math.min(first + partitionRecords, count);
        for (let start = first; start < end; start += batch) {
          const read = Math.min(batch, end - start);
          scratch.read(start * entryBytes, entries.subarray(0, read * entryBytes));
          split(entries, entryBytes, positions.subarray(0, read), records);
          scatter(positions.subarray(0, read), first, records, recordBytes, memory);
        }
        yield memory.subarray(0, (end - first) * recordBytes);
      }
    },
  };
}

const POSITION_BYTES = 4;
/** The number of bytes read at a time. */
const READ_BYTES = 2 ** 18;
/** The smallest useful buffer. For fewer bytes, the call costs more than the bytes. */
const LEAST_BUFFER_BYTES = 4096;

function partition(count: number, recordBytes: number, memoryBytes: number) {
  const partitionRecords = Math.max(1, Math.min(count, Math.floor(memoryBytes / recordBytes)));
  const partitionCount = Math.ceil(count / partitionRecords);
  const entryBytes = POSITION_BYTES + recordBytes;
  // No buffer is larger than its partition: few records in much memory would reserve all of it.
  const most = Math.floor(memoryBytes / Math.max(1, partitionCount) / entryBytes);
  const bufferEntries = Math.max(1, Math.min(partitionRecords, most));
  return { partitionRecords, partitionCount, bufferBytes: bufferEntries * entryBytes };
}

/** Returns the minimum memory: the same number of bytes for a partition and for all buffers of LEAST_BUFFER_BYTES. */
export function leastRecordsBytes(count: number, recordBytes: number): number {
  const buffer = Math.max(LEAST_BUFFER_BYTES, POSITION_BYTES + recordBytes);
  return Math.ceil(Math.sqrt(count * recordBytes * buffer)) + 2 * buffer;
}

/** The memory that `diskRecords` takes in addition to `memoryBytes`. */
export const RECORDS_READ_BYTES = 2 * READ_BYTES;

/** Splits entries into positions and records. */
function split(entries: Uint8Array, entryBytes: number, positions: Int32Array, records: Uint8Array): void {
  const view = new DataView(entries.buffer);
  const recordBytes = entryBytes - POSITION_BYTES;
  for (let i = 0; i < positions.length; i++) {
    const at = i * entryBytes;
    positions[i] = view.getInt32(at, true);
    records.set(entries.subarray(at + POSITION_BYTES, at + entryBytes), i * recordBytes);
  }
}
