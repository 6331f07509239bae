import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { Draws } from "./answers.ts";

/** Draws independently from the proposal with the head under `scan` (docs/method.md, 3). */
export function sampleByBuckets(
  opened: OpenedIndex,
  scan: number,
  draws: number,
  seed: bigint,
): Pick<Draws, "ids" | "scores" | "logQ" | "scored"> {
  const { kernels, plan } = opened;
  const { buffer } = kernels.memory;
  kernels.sample(plan.layout, scan, draws, seed);
  return {
    ids: new Int32Array(buffer, plan.regions.drawPositions, draws).slice(),
    scores: new Float32Array(buffer, plan.regions.drawScores, draws).slice(),
    logQ: Float32Array.from(new Float64Array(buffer, plan.regions.drawLogQ, draws)),
    scored: read(opened, structs.SEARCH_SCORED),
  };
}
