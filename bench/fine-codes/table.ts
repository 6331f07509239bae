import { meanOf } from "../mean-and-deviation.ts";
import { table } from "../page.ts";

/** The contents of bench/results/fine-codes.json. */
export interface FineCodesResult {
  readonly layers: readonly {
    readonly layer: string;
    readonly itemCount: number;
    readonly dim: number;
    /** Mean microseconds of a default call. */
    readonly without: number;
    readonly withCodes: number;
    /** The median over rounds of the time with fine codes over that without. */
    readonly ratio: number;
  }[];
}

/** Returns what fine codes cost a default call of `predict`, by output layer, as Markdown. */
export function fineCodesTable({ layers }: FineCodesResult): string {
  const rows = layers.map(({ layer, itemCount, dim, without, withCodes, ratio }) => [
    layer,
    `${itemCount.toLocaleString("en")} × ${dim}`,
    without.toFixed(0),
    withCodes.toFixed(0),
    ratio.toFixed(2),
  ]);
  const mean = meanOf(layers.map(({ ratio }) => ratio));
  return table(["output layer", "classes × values", "without, µs", "with fine codes, µs", "ratio"], 2, [
    ...rows,
    ["mean", "", "", "", mean.toFixed(2)],
  ]);
}
