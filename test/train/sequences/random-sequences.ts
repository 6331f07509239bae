import { raggedOf } from "../../../src/train/model/tasks.ts";
import type { Sequences } from "../../../src/train/sequences/sequences.ts";
import { randomCodes } from "../rows.ts";

const ITEMS = 40;

/** Makes sequences of 3 … 7 random items of 40. */
export const randomSequences = (count: number, seed: number): Sequences => ({
  ...raggedOf(Array.from({ length: count }, (_, row) => randomCodes(3 + (row % 5), ITEMS, seed + row))),
  itemCount: ITEMS,
});
