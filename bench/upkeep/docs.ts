import { writeFileSync } from "node:fs";
import { replaceBetween } from "../page.ts";
import { UPKEEP_FIGURES } from "./figures.ts";
import type { UpkeepResult } from "./result.ts";
import { costTable, divergenceTables, paybackTables, provenance, sampleSizeTables } from "./tables.ts";

/** Of docs/upkeep.md, between comments of these names. */
export const UPKEEP_BLOCKS: Readonly<Record<string, (result: UpkeepResult) => string>> = {
  measured: provenance,
  "sample-size": sampleSizeTables,
  divergence: divergenceTables,
  costs: costTable,
  payback: paybackTables,
};

/** docs/upkeep.md and its figures. */
export function drawUpkeep(result: UpkeepResult): void {
  for (const [name, block] of Object.entries(UPKEEP_BLOCKS)) replaceBetween("docs/upkeep.md", name, block(result));
  for (const [name, figure] of Object.entries(UPKEEP_FIGURES)) {
    writeFileSync(new URL(`../../docs/${name}.svg`, import.meta.url), figure(result));
  }
}
