import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { idsByPosition } from "../memory/ids-by-position.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { positionsInBlocks, proposeBlocks } from "./allowed-blocks.ts";
import { headListsAllowed, offerHead, proposeAllowed, streamsAllowed } from "./allowed-head.ts";
import { logQByCodes } from "./log-q-by-codes.ts";
import { tailShare } from "./tail-share.ts";
import { uniforms } from "./uniforms.ts";

// The proposal by fine codes (docs/method.md, 8) has a head of the best classes by code, and masses of the tail by
// position.

export interface CodedEffort {
  /** The number of classes in the head. */
  readonly scan: number;
  readonly draws: number;
  readonly seed: bigint;
}

/** Above this, e^(2σ²) alone counts, which f64 could not hold. */
const LARGEST_VARIANCE = 300;

/** Draws with their exact scores and log Q. */
export interface CodedSample {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly logQ: Float32Array;
  readonly scored: number;
}

/**
 * Leaves the moments of stratified draws from the tail where the kernel `predict` does, and the k best of the head in
 * topIds and topScores.
 */
export function predictByCodes(opened: OpenedIndex, k: number, { scan, draws, seed }: CodedEffort): void {
  const { kernels, plan, conditions } = opened;
  const { layout, regions } = plan;
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const offer = (): void => offerHead(opened, k);
  if (streamsAllowed(opened, Math.max(scan, k))) proposeBlocks(opened, offer);
  else {
    proposeListed(opened, Math.max(scan, k));
    offer();
  }
  kernels.topSort(layout);
  const headCount = read(opened, structs.SEARCH_HEAD_COUNT);

  const total = read(opened, structs.SEARCH_TAIL_TOTAL);
  const drawCount = total > 0 ? draws : 0;
  write(opened, structs.SEARCH_TAIL_LOG_SPREAD, codeLogSpread(opened));
  const logTail = total > 0 ? read(opened, structs.SEARCH_MASS_SHIFT) + kernels.log64(total) : Number.NEGATIVE_INFINITY;
  const uniform = uniforms(opened, seed, abi.PURPOSE_TAIL);
  const logX = new Float64Array(kernels.memory.buffer, regions.drawLogQ, drawCount);
  new Float64Array(kernels.memory.buffer, regions.drawFactors, drawCount).fill(1);
  const scores = scoresAt(opened, drawCount, (j) => {
    const position = kernels.codePositionAt(layout, ((j + uniform(j)) / drawCount) * total);
    logX[j] = logTail - kernels.codeLogMass(layout, position);
    return position;
  });
  for (const [j, score] of scores.entries()) logX[j] = (logX[j] as number) + score * conditions.inverseTemperature;

  const logHead = read(opened, structs.SEARCH_HEAD_MAX) * conditions.inverseTemperature;
  const logShift = drawCount > 0 ? logX.reduce((top, log) => Math.max(top, log), logHead) : Math.max(logHead, logTail);
  write(opened, structs.SEARCH_SCORED, headCount + drawCount);
  write(opened, structs.SEARCH_TAIL_MASS, total > 0 ? kernels.exp64(logTail - logShift) : 0);
  kernels.weighDraws(layout, drawCount, logShift);
}

/** Proposes all classes that are not filtered out if they fit into the head, and otherwise by fine codes. */
export function proposeListed(opened: OpenedIndex, scan: number): undefined {
  if (streamsAllowed(opened, scan)) proposeBlocks(opened);
  else if (headListsAllowed(opened, scan)) proposeAllowed(opened);
  else opened.kernels.proposeByCodes(opened.plan.layout, scan);
}

/** Draws independently from the proposal. */
export function sampleByCodes(opened: OpenedIndex, { scan, draws, seed }: CodedEffort): CodedSample {
  const { kernels, plan } = opened;
  const { buffer } = kernels.memory;
  const massBefore = streamsAllowed(opened, scan) ? proposeBlocks(opened) : proposeListed(opened, scan);
  const headCount = read(opened, structs.SEARCH_HEAD_COUNT);
  const uniform = uniforms(opened, seed, abi.PURPOSE_SAMPLE);
  const positionOf = massBefore ? positionsInBlocks(opened, massBefore, draws, uniform) : positionsIn(opened, uniform);
  const scores = scoresAt(opened, draws, positionOf);
  const positions = new Int32Array(buffer, plan.regions.drawPositions, draws);
  const classes = idsByPosition(opened);
  return {
    ids: Int32Array.from(positions, (position) => classes[position] as number),
    scores,
    logQ: Float32Array.from(logQByCodes(opened, positions, scores)),
    scored: headCount + draws,
  };
}

/** Returns a function that chooses the position of a draw from the head in place and the tail by codes. */
function positionsIn(opened: OpenedIndex, uniform: (draw: number) => number): (draw: number) => number {
  const { kernels, plan } = opened;
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  kernels.sumHead(layout);
  const headCount = read(opened, structs.SEARCH_HEAD_COUNT);
  const headPrefix = new Float64Array(buffer, regions.headPrefix, headCount + 1);
  const headPositions = new Int32Array(buffer, regions.headPositions, headCount);
  const total = read(opened, structs.SEARCH_TAIL_TOTAL);
  const tail = tailShare(opened);
  const head = 1 - tail;
  return (draw) => {
    const target = uniform(draw);
    if (target >= head) return kernels.codePositionAt(layout, ((target - head) / tail) * total);
    return headPositions[lastAtMost(headPrefix, (target / head) * (headPrefix[headCount] as number))] as number;
  };
}

/**
 * Computes the exact scores of the classes at the positions that `positionOf` gives, under the conditions, and leaves the
 * positions in the draw buffer.
 */
function scoresAt(opened: OpenedIndex, count: number, positionOf: (draw: number) => number): Float32Array {
  const { kernels, plan } = opened;
  const { drawPositions, drawScores } = plan.regions;
  const positions = new Int32Array(kernels.memory.buffer, drawPositions, count);
  for (let j = 0; j < count; j++) positions[j] = positionOf(j);
  kernels.scorePositions(plan.layout, drawPositions, count, drawScores);
  kernels.conditionScores(plan.layout, drawPositions, count, drawScores);
  return new Float32Array(kernels.memory.buffer, drawScores, count).slice();
}

/**
 * Computes the logarithm of the mean of x² over the squared tail mass, as expected from the mean squared error m of the fine
 * codes: the errors of scores over T are nearly normal with the variance σ² = ‖z‖² m / (D T²), so that the variance of x is
 * e^(2σ²) − e^σ². 0 in a file without dispersions.
 */
function codeLogSpread(opened: OpenedIndex): number {
  const { kernels, plan, header, conditions } = opened;
  const place = header.tensors["dispersion.means"];
  if (place === undefined) return 0;
  const [dispersion = 0] = new Float32Array(kernels.memory.buffer, plan.file + place.begin, 1);
  const norm = read(opened, structs.SEARCH_QUERY_SPREAD) / header.facts.dim;
  const variance = norm * dispersion * conditions.inverseTemperature * conditions.inverseTemperature;
  if (variance > LARGEST_VARIANCE) return 2 * variance;
  return kernels.log64(1 + kernels.exp64(variance) * (kernels.exp64(variance) - 1));
}
