import { checkInteger, kindOf } from "../../checks/check.ts";
import { checkRagged, lengthOf, type RaggedIds, rowCount } from "../model/examples.ts";

/** Sequences of items, in the order in which they occurred: sessions, what users chose, or texts. */
export interface Sequences extends RaggedIds {
  /** Number of items, which are the classes, at least 2. Ids are below it. */
  readonly itemCount: number;
}

/** Tells whether a sequence has two items, of which the first predicts the second. */
export function hasPositions(sequences: Sequences): boolean {
  for (let row = 0; row < rowCount(sequences); row++) if (lengthOf(sequences, row) > 1) return true;
  return false;
}

/** Throws a TypeError or RangeError that names what is wrong with sequences, of which one has to predict an item. */
export function checkSequences(name: string, sequences: Sequences): void {
  checkItemLists(name, sequences);
  if (hasPositions(sequences)) return;
  throw new RangeError(`"${name}" expected a sequence of at least two items: each item but the first is predicted`);
}

/** Throws a TypeError or RangeError that names what is wrong with sequences of any lengths. */
export function checkItemLists(name: string, sequences: Sequences): void {
  if (typeof sequences !== "object" || sequences === null) {
    throw new TypeError(`"${name}" expected sequences of items, got ${kindOf(sequences)}`);
  }
  const { itemCount } = sequences;
  checkInteger(`${name}.itemCount`, itemCount);
  if (itemCount < 2) throw new RangeError(`"${name}.itemCount" expected 2 or more, got ${itemCount}`);
  checkRagged(name, sequences, itemCount);
}
