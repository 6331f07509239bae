import { strictDecoder } from "../bytes/strict-decoder.ts";
import { type ColumnFacts, type ColumnValue, codeDtype, columnTensor } from "../format/columns.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import { compareTexts, labelBytes, type Texts } from "./labels.ts";
import type { MemoryPlan } from "./plan.ts";

const CODES = { U8: Uint8Array, U16: Uint16Array, I32: Int32Array } as const;

/** A column in memory. The code of a class is 0 without a value, and otherwise 1 more than the rank of its value. */
export interface Column extends ColumnFacts {
  /** The code of the class at each position. */
  readonly codes: Uint8Array | Uint16Array | Int32Array;
  /** The distinct values of a column of numbers, ascending. */
  readonly numbers?: Float64Array;
  /** The distinct values of a column of strings, in the order of their bytes. */
  readonly texts?: Texts;
}

/** Returns views of the columns in memory. */
export function columnsOf(buffer: ArrayBuffer, { facts, tensors }: IndexHeader, plan: MemoryPlan): Column[] {
  return (facts.columns?.list ?? []).map((column, i) => {
    const at = (part: Parameters<typeof columnTensor>[1]): number =>
      plan.file + (tensors[columnTensor(i, part)] as TensorPlace).begin;
    const { type, distinct, textBytes } = column;
    const codes = new CODES[codeDtype(column)](buffer, at("codes"), plan.itemCount);
    if (type === "boolean") return { ...column, codes };
    if (type === "number") return { ...column, codes, numbers: new Float64Array(buffer, at("numbers"), distinct) };
    const offsets = new Int32Array(buffer, at("offsets"), distinct + 1);
    return { ...column, codes, texts: { offsets, text: new Uint8Array(buffer, at("text"), textBytes) } };
  });
}

const decoder = /* @__PURE__ */ strictDecoder();

/** Returns the value of a code. Undefined for 0. */
export function codedValue({ numbers, texts }: Column, code: number): ColumnValue | undefined {
  if (code === 0) return undefined;
  if (texts) return decoder.decode(labelBytes(texts, code - 1));
  return numbers ? numbers[code - 1] : code === 2;
}

/** The place of a value among those of a column: the number of smaller values, and the number of values up to it. */
export interface Rank {
  readonly below: number;
  readonly upTo: number;
}

/** Ranks a value of the type of the column. Strings are ordered by their bytes in UTF-8. */
export function rankOf({ distinct, numbers, texts }: Column, value: ColumnValue): Rank {
  if (typeof value === "boolean") return { below: Number(value), upTo: Number(value) + 1 };
  const wanted = typeof value === "string" ? new TextEncoder().encode(value) : undefined;
  const difference = (rank: number): number =>
    wanted
      ? compareRanked(texts as Texts, rank, wanted)
      : ((numbers as Float64Array)[rank] as number) - (value as number);
  let [low, high] = [0, distinct];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (difference(middle) < 0) low = middle + 1;
    else high = middle;
  }
  return { below: low, upTo: low < distinct && difference(low) === 0 ? low + 1 : low };
}

const compareRanked = ({ offsets, text }: Texts, rank: number, wanted: Uint8Array): number =>
  compareTexts(text, offsets[rank] as number, offsets[rank + 1] as number, wanted, 0, wanted.length);
