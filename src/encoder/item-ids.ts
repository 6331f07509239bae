import { checkArray, shown } from "../checks/check.ts";

/** An item of a sequence: the id of a class, or its label if the index has labels. */
export type Item = number | string;

/** Options of `encode`. */
export interface EncodeSequenceOptions {
  /** The treatment of items that the index does not have. "skip" leaves them out. Default "refuse". */
  readonly unknown?: "refuse" | "skip";
}

/** The option that leaves unknown items out, as errors name it. */
export const SKIP = 'encoder.encode with "unknown": "skip"';

/** The items that an encoder can read. */
export interface KnownItems {
  readonly itemCount: number;
  readonly hasLabels: boolean;
  /** Returns the id of a label, or undefined. */
  find(label: string): number | undefined;
  /** Tells whether a class has a vector. */
  hasVector(id: number): boolean;
}

/** The error for a sequence of which no item is left: it has none, or all of its items are unknown and were left out. */
export interface NoItemsError extends RangeError {
  readonly code: "no_items";
}

/** Tells that error from those that name what is wrong in a sequence. */
export const isNoItemsError = (error: RangeError): error is NoItemsError =>
  (error as Partial<NoItemsError>).code === "no_items";

/** The error for an item that has no vector. It has no code for a value that can be no item at all. */
export interface ItemError extends RangeError {
  readonly code?: "unknown_item";
  /** The place of the item in the sequence. */
  readonly at: number;
}

/** Tells that error from those that are about something else than one item. */
export const isItemError = (error: RangeError): error is ItemError => "at" in error;

/** Finds the ids of items. NoItemsError for an empty sequence, RangeError for an unknown item, which it names. */
export function itemIds(
  sequence: readonly Item[] | Int32Array,
  { unknown = "refuse" }: EncodeSequenceOptions,
  known: KnownItems,
): number[] {
  if (unknown !== "refuse" && unknown !== "skip") {
    throw new RangeError(`"unknown" expected refuse or skip, got ${shown(unknown)}`);
  }
  checkArray("sequence", sequence, "ids or labels");
  const ids: number[] = [];
  for (let i = 0; i < sequence.length; i++) {
    const id = idOf(sequence[i] as Item, i, unknown === "skip", known);
    if (id !== undefined) ids.push(id);
  }
  if (ids.length > 0) return ids;
  const problem = `"sequence" expected at least one ${unknown === "skip" ? "known " : ""}item, got none`;
  throw Object.assign(new RangeError(problem), { code: "no_items" } as const);
}

function idOf(item: Item, i: number, skips: boolean, known: KnownItems): number | undefined {
  const { itemCount, hasLabels } = known;
  const isLabel = typeof item === "string" && hasLabels;
  const isId = typeof item === "number" && Number.isInteger(item);
  const id = isLabel ? known.find(item) : isId && item >= 0 && item < itemCount ? item : undefined;
  if (id !== undefined && known.hasVector(id)) return id;
  const mayLack = isLabel || isId;
  if (skips && mayLack) return undefined;
  const inIndex = `an integer in 0..${itemCount - 1}${hasLabels ? " or a label of the index" : ""}`;
  const expected = itemCount > 0 ? `an item with a vector, ${inIndex}` : "no item, as the index is empty";
  const why = id === undefined ? "" : ", which has none: it was removed, or is newer than the encoder's own vectors";
  const remedy = mayLack ? `; ${SKIP} leaves such items out` : "";
  const error = new RangeError(`"sequence"[${i}] expected ${expected}, got ${shown(item)}${why}${remedy}`);
  throw Object.assign(error, { at: i }, mayLack && { code: "unknown_item" });
}
