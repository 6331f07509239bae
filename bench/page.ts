// Writes generated parts into the project's pages.
import { readFileSync, writeFileSync } from "node:fs";

/** Puts `text` between the comments `name` and `/name` of a page. */
export function replaceBetween(path: string, name: string, text: string): void {
  const page = new URL(`../${path}`, import.meta.url);
  const before = readFileSync(page, "utf8");
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no block ${name}`);
  writeFileSync(page, `${before.slice(0, from + start.length)}\n\n${text}\n\n${before.slice(to)}`);
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Returns a Markdown table. The first `texts` columns are text, the others numbers. */
export const table = (heading: readonly string[], texts: number, rows: readonly (readonly string[])[]): string =>
  [row(heading), row(heading.map((_, i) => (i < texts ? "---" : "---:"))), ...rows.map(row)].join("\n");

/** Empties the first cell of rows where it repeats that of the row above. */
export const grouped = (rows: readonly (readonly string[])[]): string[][] =>
  rows.map(([first = "", ...others], i) => [first === rows[i - 1]?.[0] ? "" : first, ...others]);
