import { fineCount, paddedRow, ROW_VALUE_BYTES } from "../../format/tensors.ts";
import { SQUARES } from "../../train/codes/residuals.ts";
import { BLOCK_ROWS } from "../../train/rows/row-source.ts";
import { BUFFER_BYTES } from "../scratch/disk-training-rows.ts";
import { SLOTS } from "../threads/threads.ts";
import type { BuildSize } from "./build-size.ts";

/** The memory of an idle thread, with its later garbage. */
const RUNTIME_BYTES = 36 * 2 ** 20;
/** The memory of a value of a codeword: in codebook, panel and f64 sum, and in a second codebook and panel for encoding. */
const CODEWORD_BYTES_PER_VALUE = 4 + 4 + 8 + 4 + 4;
/** Threads get the weight and the code of each row of the training sample. */
const BYTES_PER_SAMPLE_ROW = 8 + 2;

/** Returns the memory of threads without chunks. It is 0 if this thread does all the work. */
export function threadBytes(
  { dim, bits, threads }: Pick<BuildSize, "dim" | "bits" | "threads">,
  sampleRows: number,
  fineBytes: number,
): number {
  if (threads === 1) return 0;
  const codebookValues = 2 ** bits * dim;
  const kernels = BLOCK_ROWS * (dim * 4 + 32) + codebookValues * CODEWORD_BYTES_PER_VALUE + sampleRows * 2;
  const answers = SLOTS * (codebookValues * 8 + BLOCK_ROWS * 10);
  const plan = sampleRows * BYTES_PER_SAMPLE_ROW + codebookValues * 8 + fineBytes;
  return plan + threads * (RUNTIME_BYTES + BUFFER_BYTES + kernels + answers);
}

/** Returns the memory per row of a chunk: in slots before and after it is stored, and while a thread stores it. */
export function threadBytesPerRow({ dim, rows, threads, hasFineCodes, hasResiduals }: BuildSize): number {
  if (threads === 1) return 0;
  const fine = fineCount({ dim, hasFineCodes }) / 2;
  const given = dim * 4 + 4;
  const rowBytes = paddedRow({ dim, rows }) * ROW_VALUE_BYTES[rows];
  const stored = (hasResiduals ? 2 : 1) * rowBytes + 4 + fine + SQUARES * 8;
  return threads * (SLOTS * (given + stored) + stored + (hasFineCodes ? dim * 4 : 0));
}
