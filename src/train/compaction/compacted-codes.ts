import { CODE_BLOCK } from "../../abi.ts";
import { codeLane } from "../../format/fine-codes.ts";
import { fineCount } from "../../format/tensors.ts";
import { NO_BUCKET } from "../build/warm-start.ts";
import { type Codes, planEncoding } from "../codes/encode.ts";
import { fineRecordBytes, planFineCoding } from "../codes/fine-coding.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";
import type { StoredTable } from "./stored-table.ts";

/** The codes of all classes, by new id. */
export interface CompactedCodes extends Codes {
  /** u8 (itemCount, fineRecordBytes): two fine codes to a byte. Undefined if the index has none. */
  readonly fineRecords: Uint8Array | undefined;
  /** The number of classes that were coded anew. */
  readonly coded: number;
}

/**
 * Keeps the codes of the classes whose rows stay, and computes those of the others from the rows as they are stored. The file
 * has no codes of its outliers, so these are coded anew, too.
 */
export async function codeClasses(
  kernels: TrainKernels,
  base: BaseIndex,
  { oldIds, freshRows }: ResolvedChanges,
  table: StoredTable,
  yieldIfDue: YieldIfDue,
): Promise<CompactedCodes> {
  const { quantizer, buckets, fineCodebooks } = base.warm;
  const { codewordCount, dim } = quantizer;
  const { itemCount } = table;
  const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
  const recordBytes = fineCodebooks ? fineRecordBytes(dim) : 0;
  const fineRecords = fineCodebooks && new Uint8Array(itemCount * recordBytes);
  const readFine = fineReader(base);
  const others: number[] = [];
  for (let id = 0; id < itemCount; id++) {
    const oldId = oldIds[id] as number;
    const bucket = (freshRows[id] as number) < 0 ? (buckets[oldId] as number) : NO_BUCKET;
    if (bucket === NO_BUCKET) {
      others.push(id);
      continue;
    }
    codes.codes1[id] = Math.floor(bucket / codewordCount);
    codes.codes2[id] = bucket % codewordCount;
    if (fineRecords) readFine(base.positions[oldId] as number, fineRecords, id * recordBytes);
  }
  const classes = Int32Array.from(others);
  // Both plans take the memory of the train instance from its beginning, so one ends before the other begins.
  const encode = planEncoding(kernels, quantizer);
  for (const { first, end, values } of table.stored(classes)) {
    const found = { codes1: new Uint16Array(end - first), codes2: new Uint16Array(end - first) };
    encode(values, found);
    for (let i = first; i < end; i++) {
      codes.codes1[classes[i] as number] = found.codes1[i - first] as number;
      codes.codes2[classes[i] as number] = found.codes2[i - first] as number;
    }
    await yieldIfDue();
  }
  const codeFine = fineCodebooks && planFineCoding(kernels, quantizer, fineCodebooks, table.chunkRows);
  for (const { first, end, values } of codeFine ? table.stored(classes) : []) {
    const codes1 = Uint16Array.from(classes.subarray(first, end), (id) => codes.codes1[id] as number);
    const records = codeFine?.(values, codes1) as Uint8Array;
    for (let i = first; i < end; i++) {
      const record = records.subarray((i - first) * recordBytes, (i - first + 1) * recordBytes);
      fineRecords?.set(record, (classes[i] as number) * recordBytes);
    }
    await yieldIfDue();
  }
  return { ...codes, fineRecords, coded: classes.length };
}

/** Returns a function that copies the fine codes at a position of the file, two to a byte, to a place. */
function fineReader({ bytes, facts }: BaseIndex): (position: number, to: Uint8Array, at: number) => void {
  const count = fineCount(facts);
  const half = CODE_BLOCK / 2;
  const blocks = bytes("fineCodes") as Uint8Array;
  const lanes = Array.from({ length: CODE_BLOCK }, (_, row) => codeLane(row));
  return (position, to, at) => {
    const { byte, shift } = lanes[position % CODE_BLOCK] as { byte: number; shift: number };
    const block = Math.floor(position / CODE_BLOCK) * count * half + byte;
    for (let pair = 0; pair < count / 2; pair++) {
      const first = ((blocks[block + 2 * pair * half] as number) >> shift) & 15;
      const second = ((blocks[block + (2 * pair + 1) * half] as number) >> shift) & 15;
      to[at + pair] = first | (second << 4);
    }
  };
}
