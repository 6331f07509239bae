import type { ByteChunks } from "./byte-chunks.ts";

/**
 * Records of equal size, written in the order of the classes and read in the order of their positions. This is the second
 * half of the counting sort that puts classes into their buckets.
 */
export interface Records {
  /** Puts record i of `records` at positions[i]. Every position is written once. */
  put(positions: Int32Array, records: Uint8Array): void;
  /** Yields all records by position, once all are written. Called once: afterwards the records are gone. */
  chunks(): ByteChunks;
}

export function memoryRecords(count: number, recordBytes: number): Records {
  const byteLength = count * recordBytes;
  const memory = new ArrayBuffer(byteLength, { maxByteLength: byteLength });
  const all = new Uint8Array(memory, 0, byteLength);
  return {
    put: (positions, records) => scatter(positions, 0, records, recordBytes, all),
    *chunks() {
      yield all;
      memory.resize(0); // the garbage collector would keep the records beside the file and the index that is opened next
    },
  };
}

/** Copies record i of `records` to position positions[i] − first of `all`. */
export function scatter(
  positions: Int32Array,
  first: number,
  records: Uint8Array,
  recordBytes: number,
  all: Uint8Array,
): void {
  for (let i = 0; i < positions.length; i++) {
    const record = records.subarray(i * recordBytes, (i + 1) * recordBytes);
    all.set(record, ((positions[i] as number) - first) * recordBytes);
  }
}

/**
 * Yields records with those at `positions` at the end, in the order of `positions`, or, if they are `erased`, as many zeros.
 * Each chunk holds whole records. Keeps only the records that it moves.
 */
export function* recordsBehind(
  chunks: ByteChunks,
  recordBytes: number,
  positions: Int32Array,
  erased = false,
): ByteChunks {
  const ranks = Array.from(positions.keys()).sort((a, b) => (positions[a] as number) - (positions[b] as number));
  const moved = new Uint8Array(positions.length * recordBytes);
  let [first, next] = [0, 0];
  for (const chunk of chunks) {
    const count = chunk.byteLength / recordBytes;
    let from = 0;
    for (let rank = ranks[next]; rank !== undefined; rank = ranks[++next]) {
      const at = (positions[rank] as number) - first;
      if (at >= count) break;
      moved.set(chunk.subarray(at * recordBytes, (at + 1) * recordBytes), rank * recordBytes);
      yield chunk.subarray(from * recordBytes, at * recordBytes);
      from = at + 1;
    }
    yield chunk.subarray(from * recordBytes);
    first += count;
  }
  yield erased ? moved.fill(0) : moved;
}
