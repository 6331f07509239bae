import { writeFileSync } from "node:fs";
import { replaceBetween } from "../page.ts";
import { recallFigure } from "../recall/figure.ts";
import { askedOf, type PeersResult } from "./result.ts";
import { callTable, indexTables, leftOut, provenance, winners, winsTable } from "./table.ts";

/** The generated parts of docs/peers.md, by the name of the comments around each. */
export const PEERS_BLOCKS: Readonly<Record<string, (result: PeersResult) => string>> = {
  measured: provenance,
  winners,
  wins: winsTable,
  calls: callTable,
  indexes: indexTables,
  "left-out": leftOut,
};

/** Writes the generated parts of docs/peers.md, and its two figures, which show the hardest queries. */
export function drawPeers(result: PeersResult): void {
  for (const [name, block] of Object.entries(PEERS_BLOCKS)) replaceBetween("docs/peers.md", name, block(result));
  const glove = result.sets.filter(({ name, metric }) => name === "GloVe" && metric === "dot");
  for (const [i, name] of ["peers-100k", "peers-341k"].entries()) {
    const asked = askedOf(glove.slice(i, i + 1)).at(-1);
    if (asked) writeFileSync(new URL(`../../docs/${name}.svg`, import.meta.url), recallFigure(asked));
  }
}
