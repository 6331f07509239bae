import * as abi from "../abi.ts";
import { type OpenedIndex, read } from "../opened-index.ts";
import { growEnvelope } from "./envelope.ts";
import { drawFromScan, type ExactSample, scanAll } from "./full-scan.ts";

/**
 * `draws` independent draws from the softmax itself (docs/method.md, 5): from an envelope of it by rejection, or from a
 * scan of all rows where that is cheaper. Which of them is decided by masses alone, before anything is drawn.
 */
export function drawExact(opened: OpenedIndex, draws: number, seed: bigint): ExactSample & { readonly scored: number } {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { itemCount } = header.facts;
  // A draw takes Z_hi / Z proposals on average, and Z is at least the head's mass.
  const proposals = (): number => draws * (1 + tailOverHead(opened));
  if (!growEnvelope(opened, proposals, { headRows: 1.5, scanRows: 1 })) {
    return { ...drawFromScan(opened, scanAll(opened, 0), draws, seed), scored: itemCount };
  }
  kernels.drawExact(layout, draws, seed);
  const { buffer } = kernels.memory;
  return {
    ids: new Int32Array(buffer, regions.drawPositions, draws).slice(),
    scores: new Float32Array(buffer, regions.drawScores, draws).slice(),
    scored: read(opened, abi.SEARCH_SCORED),
  };
}

function tailOverHead(opened: OpenedIndex): number {
  const total = read(opened, abi.SEARCH_TAIL_TOTAL);
  if (total === 0) return 0;
  const shift = read(opened, abi.SEARCH_HEAD_MAX) * opened.conditions.inverseTemperature;
  const tail = total * opened.kernels.exp64(read(opened, abi.SEARCH_MASS_SHIFT) - shift);
  return tail / read(opened, abi.SEARCH_HEAD_SUM);
}
