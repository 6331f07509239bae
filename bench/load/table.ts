import { placeOf } from "../origin.ts";
import { table } from "../page.ts";
import type { LoadResult } from "./result.ts";

export function loadTable({ wrangler, rounds, sizes, ...origin }: LoadResult): string {
  const rows = sizes.map(({ itemCount, fileBytes, load, loadInWorkerd }) => [
    itemCount.toLocaleString("en"),
    (fileBytes / 1e6).toFixed(1),
    load.toFixed(0),
    loadInWorkerd.toFixed(0),
  ]);
  return [
    `Measured on ${placeOf(origin)}, the workerd of wrangler ${wrangler}; int8 rows of 64 values and a bias; ${rounds} rounds.`,
    table(["classes", "file, MB", "load in Node, ms", "load in workerd, ms"], 0, rows),
  ].join("\n\n");
}
