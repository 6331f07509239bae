import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { DecodeHead, DecodeResult } from "./result.ts";

const titleOf = ({ name, itemCount }: DecodeHead): string => `${name}, ${itemCount.toLocaleString("en")} classes`;
const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Returns the times of decoding, as Markdown: a line for each call, a column for each head. */
export function decodeTimes({ builder, heads, ...origin }: DecodeResult): string {
  const cellOf = ({ calls }: DecodeHead, name: string): string => {
    const call = calls.find((candidate) => candidate.name === name);
    return call ? `${call.median.toFixed(2)} (${call.mean.toFixed(2)})` : "";
  };
  const names = heads[0]?.calls.map(({ name }) => name) ?? [];
  return [
    `Measured on ${placeOf(origin)}; ${builder}.`,
    "Cells are the median time, and in brackets the mean time, in units of a `predict` in the same run.",
    table(
      ["call", ...heads.map(titleOf)],
      1,
      names.map((name) => [name, ...heads.map((head) => cellOf(head, name))]),
    ),
  ].join("\n\n");
}

/** Returns the distances of nuclei by the estimate from the true ones, as Markdown. */
export function decodeLaws({ heads }: DecodeResult): string {
  const rows = heads.flatMap((head) =>
    head.laws.map((law) => [
      ...[titleOf(head), String(law.temperature), String(law.topP)],
      ...[law.keptMedian, law.keptP90].map((kept) => kept.toLocaleString("en")),
      ...[percent(law.exactShare), law.distanceMean.toFixed(4), law.distanceP90.toFixed(4)],
    ]),
  );
  const columns = ["kept, median", "kept, p90", "from all rows", "total variation, mean", "total variation, p90"];
  return table(["output layer", "temperature", "topP", ...columns], 1, grouped(rows));
}
