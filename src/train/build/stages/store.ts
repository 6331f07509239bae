import type { RowType } from "../../../format/facts.ts";
import { planRowCodec } from "../../../format/row-codec.ts";
import { paddedRow, ROW_VALUE_BYTES } from "../../../format/tensors.ts";
import { principalDirections } from "../../codes/directions.ts";
import type { Codes } from "../../codes/encode.ts";
import { fineRecordBytes, planCodeSquares, planFineCoding } from "../../codes/fine-coding.ts";
import type { InvertedLists } from "../../codes/inverted-lists.ts";
import { startResidualSample } from "../../codes/residual-sample.ts";
import { planSquares, type Residuals, SQUARES, SquareSums, takeResiduals } from "../../codes/residuals.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import type { RowTable } from "../../rows/row-table.ts";
import { bytesOf } from "../../runtime/byte-chunks.ts";
import type { Records } from "../../runtime/records.ts";
import type { Task, TrainTools } from "../../runtime/worker-pool.ts";
import type { Listed } from "./lists.ts";
import type { Stage } from "./stage.ts";

/** Rows as the file stores them, by position, with all of them in buckets. */
export interface StoredRows {
  readonly rows: Records;
  /** Undefined unless rows are int8. */
  readonly scales: Records | undefined;
  /** The rounding errors of int8 rows. Undefined where the build does not store them. */
  readonly refinements: Records | undefined;
  /** Undefined where the build makes no fine codes, as are codeSquares. */
  readonly fineCodes: Records | undefined;
  readonly residuals: Residuals;
  /** ‖stored row − its codewords‖², f32 (itemCount), by id. */
  readonly squares: Float32Array;
  /** ‖stored row − its first codeword − its fine codewords‖², f32 (itemCount), by id. */
  readonly codeSquares: Float32Array | undefined;
  /** The mean of ‖stored row‖². */
  readonly meanSquareNorm: number;
  /** The largest ‖stored row‖². */
  readonly largestSquareNorm: number;
  /** f32 (DISPERSION_DIRECTIONS, dim): the directions in which residuals vary more. */
  readonly directions: Float32Array;
}

/** The plan of the task that stores rows. */
interface StorePlan {
  readonly quantizer: Quantizer;
  readonly rowType: RowType;
  /** Most rows of a piece. */
  readonly chunkRows: number;
  readonly fineCodebooks: Float32Array | undefined;
  readonly hasResiduals: boolean;
}

export interface Stored extends Listed {
  readonly stored: StoredRows;
}

/** Converts each row to the form of the file and puts it at its position. */
export const storeRows: Stage<Listed, Stored> = async ({ pool, table, plan, workspace, progress }, listed) => {
  const { itemCount, dim, chunkRows } = table;
  const { codes, lists, quantizer, fineCodebooks } = listed;
  const { rowType, hasResiduals } = plan;
  const rowBytes = paddedRow({ dim, rows: rowType }) * ROW_VALUE_BYTES[rowType];
  const rows = workspace.records(itemCount, rowBytes);
  const refinements = hasResiduals ? workspace.records(itemCount, rowBytes) : undefined;
  const scales = rowType === "i8" ? workspace.records(itemCount, 4) : undefined;
  const fineCodes = fineCodebooks && workspace.records(itemCount, fineRecordBytes(dim));
  const sums = new SquareSums();
  const squares = new Float32Array(itemCount);
  const codeSquares = fineCodebooks && new Float32Array(itemCount);
  const place = startPlacing(lists, quantizer.codewordCount);
  const positions = new Int32Array(chunkRows);
  const sample = startResidualSample(itemCount, quantizer);
  const advance = progress.advance("encode", 2 * itemCount, itemCount);
  const storePlan = { quantizer, rowType, chunkRows, fineCodebooks, hasResiduals };
  let first = 0;
  for await (const chunk of pool.map(storeChunks, storePlan, codedChunks(table, codes, sample.add))) {
    const end = first + chunk.squares.length / SQUARES;
    const placed = positions.subarray(0, end - first);
    place(codes.codes1.subarray(first, end), codes.codes2.subarray(first, end), placed);
    rows.put(placed, chunk.bytes);
    if (chunk.scales) scales?.put(placed, bytesOf(chunk.scales));
    if (chunk.refinements) refinements?.put(placed, chunk.refinements);
    if (chunk.fineCodes) fineCodes?.put(placed, chunk.fineCodes);
    sums.add(chunk.squares);
    takeResiduals(chunk.squares, squares, first);
    if (chunk.codeSquares) codeSquares?.set(chunk.codeSquares, first);
    first = end;
    await advance(first);
  }
  return {
    ...listed,
    stored: {
      rows,
      scales,
      refinements,
      fineCodes,
      residuals: sums.residuals(),
      squares,
      codeSquares,
      directions: principalDirections(sample.residuals(), dim),
      meanSquareNorm: sums.meanSquareNorm(itemCount),
      largestSquareNorm: sums.largestSquareNorm,
    },
  };
};

export interface CodedChunk extends Codes {
  /** f32 (rows, dim). */
  readonly chunk: Float32Array;
}

async function* codedChunks(
  table: RowTable,
  { codes1, codes2 }: Codes,
  sampleFrom: (chunk: CodedChunk) => void,
): AsyncGenerator<CodedChunk> {
  let first = 0;
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / table.dim;
    const coded = { chunk, codes1: codes1.subarray(first, end), codes2: codes2.subarray(first, end) };
    sampleFrom(coded);
    yield coded;
    first = end;
  }
}

/** A chunk in the form of the file, still in the order of the classes. */
interface StoredChunk {
  readonly bytes: Uint8Array;
  readonly scales: Float32Array | undefined;
  readonly refinements: Uint8Array | undefined;
  readonly fineCodes: Uint8Array | undefined;
  /** f64 (rows, SQUARES). */
  readonly squares: Float64Array;
  /** f32 (rows). */
  readonly codeSquares: Float32Array | undefined;
}

export const storeChunks: Task<TrainTools, StorePlan, CodedChunk, StoredChunk> = ({ train }, plan) => {
  const { quantizer, rowType, chunkRows, fineCodebooks, hasResiduals } = plan;
  const codec = planRowCodec(quantizer.dim, rowType, chunkRows, hasResiduals);
  const fine = fineCodebooks && planFineCoding(train, quantizer, fineCodebooks, chunkRows);
  const squaresOf = planSquares(quantizer);
  const codeSquaresOf = fineCodebooks && planCodeSquares(quantizer, fineCodebooks);
  return ({ chunk, codes1, codes2 }) => {
    const stored = codec.encode(chunk);
    const fineCodes = fine?.(chunk, codes1);
    return {
      bytes: stored.bytes,
      scales: stored.scales,
      refinements: stored.residuals,
      fineCodes,
      squares: squaresOf(chunk, stored, codes1, codes2),
      codeSquares: fineCodes && codeSquaresOf?.(stored, codes1, fineCodes),
    };
  };
};

/** Gives the classes their positions, in order: each takes the next position of its bucket. */
function startPlacing(
  lists: InvertedLists,
  codewordCount: number,
): (codes1: Uint16Array, codes2: Uint16Array, positions: Int32Array) => void {
  const next = new Int32Array(codewordCount * codewordCount);
  for (const [bucket, code] of lists.codes.entries()) next[code] = lists.offsets[bucket] as number;
  return (codes1, codes2, positions) => {
    for (let i = 0; i < positions.length; i++) {
      const code = (codes1[i] as number) * codewordCount + (codes2[i] as number);
      positions[i] = (next[code] as number)++;
    }
  };
}
