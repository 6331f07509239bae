import { paddedRow, ROW_VALUE_BYTES, type RowType } from "../../../format/facts.ts";
import type { Codes } from "../../codes/encode.ts";
import { codeBlocksOf, fineRecordBytes, planFineCoding } from "../../codes/fine-coding.ts";
import type { InvertedLists } from "../../codes/inverted-lists.ts";
import { planSquares, type Residuals, SQUARES, SquareSums } from "../../codes/residuals.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import { planRowCodec } from "../../rows/row-codec.ts";
import type { RowTable } from "../../rows/row-table.ts";
import type { Workspace } from "../../rows/workspace.ts";
import type { Crew, Task, TrainTools } from "../../runtime/crew.ts";
import { bytesOf, type Pieces } from "../../runtime/pieces.ts";
import type { Records } from "../../runtime/records.ts";
import type { Step } from "../progress.ts";

/** Rows as the file has them, by position. */
export interface StoredRows {
  readonly rows: Records;
  /** int8 rows only. */
  readonly scales: Records | undefined;
  /** Blocks of fine codes, where the build makes them. */
  readonly fineCodes: Pieces | undefined;
  readonly residuals: Residuals;
}

/** How the rows are stored. */
export interface StorePlan {
  readonly quantizer: Quantizer;
  readonly rowType: RowType;
  /** Largest number of rows of a piece. */
  readonly chunkRows: number;
  readonly fineCodebooks: Float32Array | undefined;
}

/** Brings each row into the form of the file and to its position. */
export async function storeRows(
  crew: Crew<TrainTools>,
  table: RowTable,
  plan: StorePlan,
  codes: Codes,
  lists: InvertedLists,
  workspace: Workspace,
  step: Step,
): Promise<StoredRows> {
  const { itemCount, dim, chunkRows } = table;
  const { rowType, quantizer } = plan;
  const rows = workspace.records(itemCount, paddedRow({ dim, rows: rowType }) * ROW_VALUE_BYTES[rowType]);
  const scales = rowType === "i8" ? workspace.records(itemCount, 4) : undefined;
  const fineBytes = fineRecordBytes(dim);
  const fineCodes = plan.fineCodebooks && workspace.records(itemCount, fineBytes);
  const sums = new SquareSums();
  const place = startPlacing(lists, quantizer.codewordCount);
  const positions = new Int32Array(chunkRows);
  let first = 0;
  for await (const stored of crew.perform(storeChunks, plan, codedChunks(table, codes))) {
    const count = stored.squares.length / SQUARES;
    const placed = positions.subarray(0, count);
    place(codes.codes1.subarray(first, first + count), codes.codes2.subarray(first, first + count), placed);
    rows.put(placed, stored.bytes);
    if (stored.scales) scales?.put(placed, bytesOf(stored.scales));
    if (stored.fineCodes) fineCodes?.put(placed, stored.fineCodes);
    sums.add(stored.squares);
    first += count;
    await step(first);
  }
  return {
    rows,
    scales,
    fineCodes: fineCodes && codeBlocksOf(fineCodes.pieces(), fineBytes),
    residuals: sums.residuals(),
  };
}

interface CodedChunk extends Codes {
  /** f32 (rows, dim). */
  readonly chunk: Float32Array;
}

async function* codedChunks(table: RowTable, { codes1, codes2 }: Codes): AsyncGenerator<CodedChunk> {
  let first = 0;
  for await (const chunk of table.chunks()) {
    const end = first + chunk.length / table.dim;
    yield { chunk, codes1: codes1.subarray(first, end), codes2: codes2.subarray(first, end) };
    first = end;
  }
}

/** A chunk in the form of the file, but for the order. */
interface StoredChunk {
  readonly bytes: Uint8Array;
  readonly scales: Float32Array | undefined;
  readonly fineCodes: Uint8Array | undefined;
  /** f64 (rows, SQUARES). */
  readonly squares: Float64Array;
}

export const storeChunks: Task<TrainTools, StorePlan, CodedChunk, StoredChunk> = ({ train }, plan) => {
  const { quantizer, rowType, chunkRows, fineCodebooks } = plan;
  const codec = planRowCodec(quantizer.dim, rowType, chunkRows);
  const fine = fineCodebooks && planFineCoding(train, quantizer, fineCodebooks, chunkRows);
  const squaresOf = planSquares(quantizer);
  return ({ chunk, codes1, codes2 }) => {
    const stored = codec.encode(chunk);
    return {
      bytes: stored.bytes,
      scales: stored.scales,
      fineCodes: fine?.(chunk, codes1),
      squares: squaresOf(chunk, stored, codes1, codes2),
    };
  };
};

/** Positions of the classes in order: each takes the next of its bucket. */
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
