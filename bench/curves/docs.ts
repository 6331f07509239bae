import { writeFileSync } from "node:fs";
import { replaceBetween } from "../page.ts";
import { CURVES_FIGURES } from "./figures.ts";
import type { CurvesResult } from "./result.ts";
import { biasTables, codewordsTable, divergenceTables, stepsTable } from "./tables.ts";

/** The generated parts of docs/curves.md, by the name of the comments around each. */
export const CURVES_BLOCKS: Readonly<Record<keyof CurvesResult, (result: CurvesResult) => string>> = {
  divergence: divergenceTables,
  codewords: codewordsTable,
  bias: biasTables,
  steps: stepsTable,
};

/** Writes the generated parts of docs/curves.md and its figures. */
export function drawCurves(result: CurvesResult): void {
  for (const [name, block] of Object.entries(CURVES_BLOCKS)) replaceBetween("docs/curves.md", name, block(result));
  for (const [name, figure] of Object.entries(CURVES_FIGURES)) {
    writeFileSync(new URL(`../../docs/${name}.svg`, import.meta.url), figure(result));
  }
}
