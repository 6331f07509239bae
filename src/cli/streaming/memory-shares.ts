import { fineCount, paddedRow, ROW_VALUE_BYTES } from "../../format/tensors.ts";
import { SAMPLE_ROWS as FINE_SAMPLE_ROWS } from "../../train/codes/fine-codebooks.ts";
import { BLOCK_ROWS } from "../../train/rows/row-source.ts";
import { expectedSampleRows } from "../../train/rows/training-sample.ts";
import { leastRecordsBytes, RECORDS_READ_BYTES } from "../scratch/disk-records.ts";
import { BUFFER_BYTES } from "../scratch/disk-training-rows.ts";
import type { BuildSize } from "./build-size.ts";
import { calibrationBytes, qualityBytes, recallBytes } from "./recall-shares.ts";
import { threadBytes, threadBytesPerRow } from "./thread-shares.ts";

/** The memory of the parts of a streaming build. */
export interface MemoryShares {
  readonly chunkRows: number;
  /** Returns the memory for sorting records of this size. */
  recordsBytes(recordBytes: number): number;
  /** There is room for the finished index, to measure the recall of its fine codes. */
  readonly measuresRecall?: boolean;
  /** There is room for the finished index, to calibrate its error bars. */
  readonly measuresCalibration?: boolean;
}

/** Memory shares, with the limits in MiB that both measurements of the finished index would need. */
export interface PlannedShares extends MemoryShares {
  readonly recallLimit: number;
  readonly calibrationLimit: number;
  readonly measuresQuality: boolean;
  readonly qualityLimit: number;
}

const MIB = 2 ** 20;
/** The resident memory of a command at its start, with its later garbage and compiled code. */
export const RUNTIME_BYTES = 112 * MIB;
/** The memory of a value of a chunk: as in the file (f64 at most), as f32, at unit length, and as stored. */
const CHUNK_BYTES_PER_VALUE = 8 + 4 + 4 + 4;
const LEAST_CHUNK_BYTES = 2 ** 20;
const MOST_CHUNK_BYTES = 2 ** 24;
const SCALE_BYTES = 4;

/**
 * Divides `limit` MiB. Arrays of integers and codebooks have fixed sizes, and chunks and the sort share the rest.
 *
 * @throws RangeError if the limit is too small
 */
export function shareMemory(size: BuildSize, limit: number): PlannedShares {
  const { itemCount, dim, rows } = size;
  const rowBytes = paddedRow(size) * ROW_VALUE_BYTES[rows];
  const sorted = [
    rowBytes,
    ...(rows === "i8" ? [SCALE_BYTES] : []),
    ...(size.hasFineCodes ? [fineCount(size) / 2] : []),
    ...(size.hasResiduals ? [rowBytes] : []),
  ];
  const sortBytes = sorted.map((bytes) => leastRecordsBytes(itemCount, bytes));
  const residualBytes = size.hasResiduals ? rowBytes : 0;
  const chunkRowBytes = dim * CHUNK_BYTES_PER_VALUE + residualBytes + threadBytesPerRow(size);
  const leastChunk = Math.max(chunkRowBytes, LEAST_CHUNK_BYTES);
  const least =
    trainingBytes(size) +
    arrayBytes(size) +
    size.inputBytes +
    leastChunk +
    sortBytes.reduce((sum, bytes) => sum + bytes, RECORDS_READ_BYTES);
  const room = limit * MIB - least;
  if (room < 0) throw tooSmall(least, size, limit);
  const recall = size.hasFineCodes ? recallBytes(size) : 0;
  const measuresRecall = size.hasFineCodes && room >= recall;
  // The garbage collector may not have freed the first index when the second one is loaded.
  const calibration = recall + calibrationBytes(size);
  const measuresCalibration = size.calibrate !== "off" && room >= calibration;
  const quality = (size.calibrate === "off" ? recall : calibration) + qualityBytes(size);
  const measuresQuality = room >= quality;
  const taken = measuresQuality ? quality : measuresCalibration ? calibration : measuresRecall ? recall : 0;
  const spare = room - taken;
  const chunkBytes = Math.min(leastChunk + spare / 8, Math.max(leastChunk, MOST_CHUNK_BYTES));
  // Each kind of record gets the share of the rest that it has in the bytes of all records.
  const sortSpare = Math.max(0, spare - spare / 8);
  const allBytes = sorted.reduce((sum, bytes) => sum + bytes, 0);
  return {
    chunkRows: Math.max(1, Math.min(BLOCK_ROWS, Math.floor(chunkBytes / chunkRowBytes))),
    recordsBytes: (bytes) => Math.floor(leastRecordsBytes(itemCount, bytes) + (sortSpare * bytes) / allBytes),
    measuresRecall,
    measuresCalibration,
    calibrationLimit: Math.ceil((least + calibration) / MIB),
    recallLimit: Math.ceil((least + recall) / MIB),
    measuresQuality,
    qualityLimit: Math.ceil((least + quality) / MIB),
  };
}

function tooSmall(least: number, { itemCount, dim, threads: count }: SampleSize, limit: number): RangeError {
  const threads = count === 1 ? "" : ` and ${count} threads`;
  return new RangeError(
    `'--max-memory' expected at least ${Math.ceil(least / MIB)} MiB for ${itemCount} rows of ${dim} values${threads}, got ${limit}`,
  );
}

/** The memory of the training sample and its residuals while the sub-quantizers are learned. */
const fineBytes = ({ dim, hasFineCodes }: SampleSize): number =>
  hasFineCodes ? FINE_SAMPLE_ROWS * (2 * dim + 8) * 4 : 0;

/** The memory of arrays with one number per class or per bucket. */
function arrayBytes({ itemCount, bits, hasBias, hasCounts, hasFineCodes, labelBytes }: BuildSize): number {
  const codes = 4;
  const ids = 4;
  const squares = hasFineCodes ? 8 : 4;
  const weights = hasCounts || hasBias ? 8 : 4; // before the squares
  const bias = hasBias ? 4 : 0;
  const buckets = 4 ** bits;
  const labels = labelBytes === undefined ? 0 : itemCount * BYTES_PER_LABEL + labelBytes * BYTES_PER_LABEL_BYTE;
  return itemCount * (codes + ids + Math.max(weights, squares) + bias) + buckets * BYTES_PER_BUCKET + labels;
}

/** A string without its characters, its offset and its position in the order. */
const BYTES_PER_LABEL = 32 + 8;
/** A character as a string, in a buffer with room for any character, and in the text. */
const BYTES_PER_LABEL_BYTE = 2 + 3 + 1;
/** A flag of renumberSecond, a count, a start, a position, a code and an offset. */
const BYTES_PER_BUCKET = 1 + 4 * 5;
/** An id, a weight, a code and errors of a row of the training sample, all of them twice, and in lists. */
const BYTES_PER_SAMPLE_ROW = 100;
/** The memory of codebooks, panels, sums and seeding rows per codeword, in rows. */
const ROWS_PER_CODEWORD = 56;

const sampleRowsOf = ({ itemCount, bits }: SampleSize): number => Math.min(itemCount, 1.05 * expectedSampleRows(bits));

/** The memory of a process that learns codebooks, beside the rows. */
function trainingBytes(size: SampleSize): number {
  const rows = BLOCK_ROWS + ROWS_PER_CODEWORD * 2 ** size.bits;
  const sampleBytes = sampleRowsOf(size) * BYTES_PER_SAMPLE_ROW + rows * size.dim * 4 + BUFFER_BYTES;
  const fine = fineBytes(size);
  return RUNTIME_BYTES + sampleBytes + fine + threadBytes(size, sampleRowsOf(size), fine);
}

/** The sizes that determine how much memory the training sample of all parts takes. */
export type SampleSize = Pick<
  BuildSize,
  "itemCount" | "dim" | "bits" | "hasFineCodes" | "hasBias" | "hasCounts" | "threads"
>;

/**
 * Checks that `limit` MiB are enough to draw the training sample of all parts and to train on it.
 *
 * @throws RangeError if they are not
 */
export function checkSampleMemory(size: SampleSize, limit: number): void {
  const { itemCount, dim, hasBias, hasCounts } = size;
  const weights = (hasBias ? 4 : 0) + (hasCounts ? 4 : 0) + (hasBias || hasCounts ? 8 : 4); // as they are given, and twice
  const least = trainingBytes(size) + itemCount * weights + Math.max(dim * CHUNK_BYTES_PER_VALUE, LEAST_CHUNK_BYTES);
  if (limit * MIB < least) throw tooSmall(least, size, limit);
}
