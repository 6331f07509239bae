import { kindOf } from "../checks/check.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import type { LabelPrefix } from "../format/tensor-spec.ts";
import type { MemoryPlan } from "./plan.ts";

/** Labels of N classes, or features, as they lie in a file. */
export interface LabelTable {
  /** N + 1: where the label of each class begins in the text, then where the last one ends. */
  readonly offsets: Int32Array;
  /** N classes, their labels ascending byte by byte: no two are alike, and one is found by bisection. */
  readonly order: Int32Array;
  /** UTF-8, end to end. */
  readonly text: Uint8Array;
}

/** Views of the labels in memory, of the classes or of the features; the file has some. */
export function labelTable(
  buffer: ArrayBufferLike,
  { facts, tensors }: IndexHeader,
  { file }: MemoryPlan,
  prefix: LabelPrefix,
): LabelTable {
  const { features } = facts;
  const [count, bytes] =
    prefix === "label" || !features
      ? [facts.itemCount, facts.labelBytes]
      : [features.featureCount, features.featureLabelBytes];
  const at = (part: "Offsets" | "Order" | "Text"): number => file + (tensors[`${prefix}${part}`] as TensorPlace).begin;
  return {
    offsets: new Int32Array(buffer, at("Offsets"), count + 1),
    order: new Int32Array(buffer, at("Order"), count),
    text: new Uint8Array(buffer, at("Text"), bytes),
  };
}

/** The bytes of the label of class `id`. */
export const labelBytes = ({ offsets, text }: LabelTable, id: number): Uint8Array =>
  text.subarray(offsets[id], offsets[id + 1]);

/** Below 0 if the label of class a comes before that of b, above if behind; 0 for the same bytes. */
export function compareLabels({ offsets, text }: LabelTable, a: number, b: number): number {
  return compareTexts(
    text,
    offsets[a] as number,
    offsets[a + 1] as number,
    text,
    offsets[b] as number,
    offsets[b + 1] as number,
  );
}

/** The same of bytes from startA to endA of one text and from startB to endB of another; no view is made. */
export function compareTexts(
  textA: Uint8Array,
  startA: number,
  endA: number,
  textB: Uint8Array,
  startB: number,
  endB: number,
): number {
  const [lengthA, lengthB] = [endA - startA, endB - startB];
  for (let i = 0; i < lengthA && i < lengthB; i++) {
    const difference = (textA[startA + i] as number) - (textB[startB + i] as number);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/** The labels of a loaded index, both ways. */
export class Labels {
  private readonly table: LabelTable;
  private readonly decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(table: LabelTable) {
    this.table = table;
  }

  of(id: number): string {
    return this.decoder.decode(labelBytes(this.table, id));
  }

  /** The classes of these labels. TypeError and RangeError name one that is none. */
  idsOf(labels: readonly string[]): Int32Array {
    if (!Array.isArray(labels)) throw new TypeError(`"labels" expected an array of strings, got ${kindOf(labels)}`);
    return Int32Array.from(labels, (label: unknown, i) => {
      if (typeof label !== "string") throw new TypeError(`"labels"[${i}] expected a string, got ${typeof label}`);
      const id = this.find(label);
      if (id !== undefined) return id;
      throw new RangeError(`"labels"[${i}] expected a label of the index, got ${JSON.stringify(label.slice(0, 64))}`);
    });
  }

  /** The class of this label, if it is one's. */
  find(label: string): number | undefined {
    if (!label.isWellFormed()) return undefined; // it would be encoded as another one
    const { offsets, order, text } = this.table;
    const wanted = new TextEncoder().encode(label);
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const id = order[middle] as number;
      const difference = compareTexts(text, offsets[id] as number, offsets[id + 1] as number, wanted, 0, wanted.length);
      if (difference === 0) return id;
      if (difference < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }
}
