import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { streamsAllowed } from "./allowed-head.ts";
import { type Costs, growEnvelope } from "./envelope.ts";
import { drawFromScan, type ExactSample, scanAll } from "./full-scan.ts";
import { expOf, logTailOverHead } from "./tail-share.ts";

/** The costs of an envelope that draws are made from. */
export const DRAW_COSTS: Costs = { headRows: 1.5, scanRows: 1 };

/**
 * Draws independently from the softmax itself (docs/method.md, 5): by rejection from an envelope of it, or from a scan
 * of all rows where that is cheaper. The choice depends on masses alone, and is made before anything is drawn.
 *
 * It leaves the numbers from which src/parts makes arrival times: as log S' the log mass of the distribution it drew from,
 * and in drawFactors the number of proposals that each draw took.
 */
export function drawExact(opened: OpenedIndex, draws: number, seed: bigint): ExactSample & { readonly scored: number } {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  // A draw takes Z_hi / Z proposals on average, and Z is at least the mass of the head.
  const proposals = (): number => draws * (1 + expOf(opened, logTailOverHead(opened)));
  if (streamsAllowed(opened, 0) || !growEnvelope(opened, proposals, DRAW_COSTS)) {
    const scan = scanAll(opened, 0);
    write(opened, structs.SEARCH_LOG_PROPOSAL, scan.logPartition);
    new Float64Array(kernels.memory.buffer, regions.drawFactors, draws).fill(1);
    return { ...drawFromScan(opened, scan, draws, seed), scored: scan.scored };
  }
  kernels.drawExact(layout, draws, seed);
  kernels.endProposal(layout);
  const { buffer } = kernels.memory;
  return {
    ids: new Int32Array(buffer, regions.drawPositions, draws).slice(),
    scores: new Float32Array(buffer, regions.drawScores, draws).slice(),
    scored: read(opened, structs.SEARCH_SCORED),
  };
}
