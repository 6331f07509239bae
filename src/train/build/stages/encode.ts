import { type Codes, encode } from "../../codes/encode.ts";
import type { Stage } from "./stage.ts";
import type { Trained } from "./train.ts";

export interface Encoded extends Trained {
  readonly codes: Codes;
}

/** Finds the codewords of every row, unless k-means knows them of all rows. */
export const encodeRows: Stage<Trained, Encoded> = async ({ pool, table, progress }, trained) => {
  const advance = progress.advance("encode", 2 * table.itemCount);
  const known = trained.codes;
  if (known) await advance(table.itemCount);
  return { ...trained, codes: known ?? (await encode(pool, trained.quantizer, table, advance)) };
};
