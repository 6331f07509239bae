import type { RowType } from "../facts.ts";
import type { Step } from "./build-stages.ts";
import type { Codes } from "./encode.ts";
import { codeBlocksOf, type FineCoding } from "./fine-coding.ts";
import type { InvertedLists } from "./inverted-lists.ts";
import { bytesOf, type Pieces } from "./pieces.ts";
import type { Quantizer } from "./quantizer.ts";
import type { Records } from "./records.ts";
import { type Residuals, startResiduals } from "./residuals.ts";
import { planRowCodec } from "./row-codec.ts";
import type { RowTable } from "./row-table.ts";
import type { Workspace } from "./workspace.ts";

/** Rows as the file has them, by position. */
export interface StoredRows {
  readonly rows: Records;
  /** int8 rows only. */
  readonly scales: Records | undefined;
  /** Blocks of fine codes, where the build makes them. */
  readonly fineCodes: Pieces | undefined;
  readonly residuals: Residuals;
}

/** Brings each row into the form of the file and to its position. */
export async function storeRows(
  table: RowTable,
  quantizer: Quantizer,
  { codes1, codes2 }: Codes,
  lists: InvertedLists,
  rowType: RowType,
  fine: FineCoding | undefined,
  workspace: Workspace,
  step: Step,
): Promise<StoredRows> {
  const { itemCount, dim, chunkRows } = table;
  const codec = planRowCodec(dim, rowType, chunkRows);
  const rows = workspace.records(itemCount, codec.recordBytes);
  const scales = rowType === "i8" ? workspace.records(itemCount, 4) : undefined;
  const fineCodes = fine && workspace.records(itemCount, fine.recordBytes);
  const sums = startResiduals(quantizer);
  const place = startPlacing(lists, quantizer.codewordCount);
  const positions = new Int32Array(chunkRows);
  let first = 0;
  for await (const chunk of table.chunks()) {
    const count = chunk.length / dim;
    const stored = codec.encode(chunk);
    const chunk1 = codes1.subarray(first, first + count);
    const chunk2 = codes2.subarray(first, first + count);
    const placed = positions.subarray(0, count);
    place(chunk1, chunk2, placed);
    rows.put(placed, stored.bytes);
    if (stored.scales) scales?.put(placed, bytesOf(stored.scales));
    if (fine) fineCodes?.put(placed, fine.encode(chunk, chunk1));
    sums.add(chunk, stored, chunk1, chunk2);
    first += count;
    await step(first);
  }
  return {
    rows,
    scales,
    fineCodes: fine && fineCodes && codeBlocksOf(fineCodes.pieces(), fine.recordBytes),
    residuals: sums.residuals(),
  };
}

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
