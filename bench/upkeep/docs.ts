import { writeFileSync } from "node:fs";
import { replaceBetween } from "../page.ts";
import { UPKEEP_FIGURES } from "./figures.ts";
import type { UpkeepResult } from "./result.ts";
import { costs, provenance, sampleSizeTable } from "./tables.ts";

/** The generated parts of docs/upkeep.md, by the name of the comments around each. */
export const UPKEEP_BLOCKS: Readonly<Record<string, (result: UpkeepResult) => string>> = {
  measured: provenance,
  "sample-size": sampleSizeTable,
  costs,
};

/** Writes the generated parts of docs/upkeep.md and its figures. */
export function drawUpkeep(result: UpkeepResult): void {
  for (const [name, block] of Object.entries(UPKEEP_BLOCKS)) replaceBetween("docs/upkeep.md", name, block(result));
  for (const [name, figure] of Object.entries(UPKEEP_FIGURES)) {
    writeFileSync(new URL(`../../docs/${name}.svg`, import.meta.url), figure(result));
  }
}
