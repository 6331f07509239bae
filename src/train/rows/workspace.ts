import { memoryRecords, type Records } from "../runtime/records.ts";
import { memoryTrainingRows, type TrainingRows } from "./training-rows.ts";

/** The file that is being written. */
export interface IndexSink {
  write(position: number, bytes: Uint8Array): void;
}

/** Where a build keeps what is as large as its input: in memory, or on a disk. */
export interface Workspace {
  trainingRows(rowCount: number, dim: number): TrainingRows;
  records(count: number, recordBytes: number): Records;
  /** Called once, when the size of the file is known. */
  output(fileBytes: number): IndexSink;
}

export interface MemoryWorkspace extends Workspace {
  /** The file as it was written. */
  file(): Uint8Array<ArrayBuffer>;
}

/** `floats` gives memory that all who build together see. */
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
