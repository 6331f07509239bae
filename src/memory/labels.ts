import { strictDecoder } from "../bytes/strict-decoder.ts";
import { kindOf } from "../checks/check.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import type { LabelPrefix } from "../format/tensor-spec.ts";
import type { Delta } from "./delta.ts";
import type { MemoryPlan } from "./plan.ts";

/** The labels of N classes or features, as they lie in a file. */
export interface LabelTable {
  /** N + 1 offsets: the beginning of each label in the text, and the end of the last one. */
  readonly offsets: Int32Array;
  /** The N ids in ascending byte order of their labels. All labels differ, so bisection finds one. */
  readonly order: Int32Array;
  /** The labels in UTF-8, end to end. */
  readonly text: Uint8Array;
}

/** Returns views of the labels of classes or features in memory. The file must have some. */
export function labelTable(
  buffer: ArrayBufferLike,
  { facts, tensors }: IndexHeader,
  { file, itemCount }: MemoryPlan,
  prefix: LabelPrefix,
): LabelTable {
  const { features } = facts;
  const [count, bytes] =
    prefix === "label" || !features
      ? [itemCount, facts.labelBytes]
      : [features.featureCount, features.featureLabelBytes];
  const at = (part: "Offsets" | "Order" | "Text"): number => file + (tensors[`${prefix}${part}`] as TensorPlace).begin;
  return {
    offsets: new Int32Array(buffer, at("Offsets"), count + 1),
    order: new Int32Array(buffer, at("Order"), count),
    text: new Uint8Array(buffer, at("Text"), bytes),
  };
}

/** Texts in UTF-8, end to end, and the beginning of each. */
export type Texts = Pick<LabelTable, "offsets" | "text">;

/** Returns a copy of the bytes of the label of class `id`. Browsers decode no memory that threads share. */
export const labelBytes = ({ offsets, text }: Texts, id: number): Uint8Array =>
  text.slice(offsets[id], offsets[id + 1]);

/**
 * Compares the labels of two classes: negative if the label of a comes first, positive if it comes second, 0 for equal bytes.
 */
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

/** Compares bytes startA to endA of one text with bytes startB to endB of another, without making views. */
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

/** Looks up the labels of a loaded index in both directions. */
export class Labels {
  private readonly table: LabelTable;
  private readonly owner: { readonly delta?: Delta };
  private readonly decoder = strictDecoder();

  /** The delta of the `owner` has the labels that changes have added or removed. */
  constructor(table: LabelTable, owner: { readonly delta?: Delta } = {}) {
    this.table = table;
    this.owner = owner;
  }

  of(id: number): string {
    if (id >= this.table.order.length) return (this.owner.delta as Delta).labelOf(id);
    return this.decoder.decode(labelBytes(this.table, id));
  }

  /** Finds the classes with these labels. TypeError and RangeError name a label that no class has. */
  idsOf(labels: readonly string[]): Int32Array {
    if (!Array.isArray(labels)) throw new TypeError(`"labels" expected an array of strings, got ${kindOf(labels)}`);
    const ids = new Int32Array(labels.length);
    for (let i = 0; i < ids.length; i++) {
      const label: unknown = labels[i];
      if (typeof label !== "string") throw new TypeError(`"labels"[${i}] expected a string, got ${typeof label}`);
      const id = this.find(label);
      if (id === undefined) {
        throw new RangeError(`"labels"[${i}] expected a label of the index, got ${JSON.stringify(label.slice(0, 64))}`);
      }
      ids[i] = id;
    }
    return ids;
  }

  /** Finds the class with this label, or returns undefined. */
  find(label: string): number | undefined {
    if (!label.isWellFormed()) return undefined; // it would be encoded as another one
    const changed = this.owner.delta?.find(label);
    if (changed !== undefined) return changed < 0 ? undefined : changed;
    const { offsets, order, text } = this.table;
    const wanted = new TextEncoder().encode(label);
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const id = order[middle] as number;
      const difference = compareTexts(text, offsets[id] as number, offsets[id + 1] as number, wanted, 0, wanted.length);
      if (difference === 0) return this.owner.delta?.removedIds.has(id) ? undefined : id;
      if (difference < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }
}
