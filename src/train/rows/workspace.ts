import { memoryRecords, type Records } from "../runtime/records.ts";
import { memoryTrainingRows, type TrainingRows } from "./training-rows.ts";

/** The index file that a build writes. */
export interface IndexSink {
  write(position: number, bytes: Uint8Array): void;
}

/** The storage of a build for data as large as its input: memory or a disk. */
export interface Workspace {
  trainingRows(rowCount: number, dim: number): TrainingRows;
  records(count: number, recordBytes: number): Records;
  /** Opens the output. Called once, when the size of the file is known. */
  output(fileBytes: number): IndexSink;
}

export interface MemoryWorkspace extends Workspace {
  /** Returns the file as it was written. */
  file(): Uint8Array<ArrayBuffer>;
}

/** `floats` allocates the training rows. A pool of threads passes a function that allocates shared memory. */
export function memoryWorkspace(floats = (length: number): Float32Array => new Float32Array(length)): MemoryWorkspace {
  let file = new Uint8Array(0);
  return {
    trainingRows: (rowCount, dim) => memoryTrainingRows(rowCount, dim, floats(rowCount * dim)),
    records: memoryRecords,
    output(fileBytes) {
      file = new Uint8Array(fileBytes);
      return { write: (position, bytes) => file.set(bytes, position) };
    },
    file: () => file,
  };
}
