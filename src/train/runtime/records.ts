import type { ByteChunks } from "./byte-chunks.ts";

/**
 * Records of equal size, put in the order of the classes and read in the order of their positions: the counting sort of
 * a build.
 */
export interface Records {
  /** Record i of `records` goes to positions[i]. Every position is put once. */
  put(positions: Int32Array, records: Uint8Array): void;
  /** All records by position, once all are put. */
  pieces(): ByteChunks;
}

export function memoryRecords(count: number, recordBytes: number): Records {
  const all = new Uint8Array(count * recordBytes);
  return {
    put: (positions, records) => scatter(positions, 0, records, recordBytes, all),
    pieces: () => [all],
  };
}

/** Record i of `records` goes to position positions[i] − first of `all`. */
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
