import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import type { Moments } from "./error-bars.ts";
import { logQByCodes } from "./log-q-by-codes.ts";
import { tailShare } from "./tail-share.ts";
import { uniforms } from "./uniforms.ts";

// The proposal from fine codes (docs/method.md, 8): a head of the best classes by code, and the tail's masses by position.

export interface CodedEffort {
  /** Classes of the head. */
  readonly rescore: number;
  readonly draws: number;
  readonly seed: bigint;
}

/** Draws with their exact scores and log Q. */
export interface CodedSample {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly logQ: Float32Array;
  readonly scored: number;
}

/** What stratified draws of the tail leave; the k best of the head are in topIds and topScores. */
export function momentsByCodes(opened: OpenedIndex, k: number, { rescore, draws, seed }: CodedEffort): Moments {
  const { kernels, plan, conditions } = opened;
  const { layout, regions } = plan;
  kernels.proposeByCodes(layout, Math.max(rescore, k));
  const headCount = read(opened, structs.SEARCH_HEAD_COUNT);
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  kernels.topPush(layout, regions.headPositions, regions.headScores, headCount, k);
  kernels.topSort(layout);

  const total = read(opened, structs.SEARCH_TAIL_TOTAL);
  const drawCount = total > 0 ? draws : 0;
  const logTail = total > 0 ? read(opened, structs.SEARCH_MASS_SHIFT) + kernels.log64(total) : Number.NEGATIVE_INFINITY;
  const uniform = uniforms(opened, seed, abi.PURPOSE_TAIL);
  const logX = new Float64Array(drawCount);
  let distinctCount = 0;
  let before = -1;
  const scores = scoresAt(opened, drawCount, (j) => {
    const position = kernels.codePositionAt(layout, ((j + uniform(j)) / drawCount) * total);
    logX[j] = logTail - kernels.codeLogMass(layout, position);
    if (position !== before) distinctCount++;
    before = position;
    return position;
  });
  for (const [j, score] of scores.entries()) logX[j] = (logX[j] as number) + score * conditions.inverseTemperature;

  const logHead = read(opened, structs.SEARCH_HEAD_MAX) * conditions.inverseTemperature;
  const logShift = drawCount > 0 ? logX.reduce((top, log) => Math.max(top, log), logHead) : Math.max(logHead, logTail);
  const at = (log: number): number => (log > Number.NEGATIVE_INFINITY ? kernels.exp64(log - logShift) : 0);
  write(opened, structs.SEARCH_SCORED, headCount + drawCount);
  return {
    headMass: headCount > 0 ? read(opened, structs.SEARCH_HEAD_SUM) * at(logHead) : 0,
    tailMass: at(logTail),
    ...momentsOf(drawCount > 0 ? logX : Float64Array.of(logTail), at),
    logShift,
    drawCount,
    distinctCount,
    tailCount: conditions.allowedCount - headCount,
  };
}

/** Of x = e^logX, in units that `at` knows. */
function momentsOf(logX: Float64Array, at: (log: number) => number) {
  const count = logX.length;
  const origin = logX[0] as number;
  let [sum, squares, largest, deviations, deviationSquares] = [0, 0, 0, 0, 0];
  for (const log of logX) {
    const x = at(log);
    sum += x;
    squares += x * x;
    largest = Math.max(largest, x);
    deviations += log - origin;
    deviationSquares += (log - origin) * (log - origin);
  }
  const variance = (deviationSquares - (deviations * deviations) / count) / (count - 1);
  return {
    tailMean: sum / count,
    tailSquareMean: squares / count,
    tailLargest: largest,
    tailLogVariance: count > 1 ? Math.max(variance, 0) : 0,
  };
}

/** Independent draws from the proposal. */
export function sampleByCodes(opened: OpenedIndex, { rescore, draws, seed }: CodedEffort): CodedSample {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { buffer } = kernels.memory;
  kernels.proposeByCodes(layout, rescore);
  kernels.sumHead(layout);
  const headCount = read(opened, structs.SEARCH_HEAD_COUNT);
  const headPrefix = new Float64Array(buffer, regions.headPrefix, headCount + 1);
  const headPositions = new Int32Array(buffer, regions.headPositions, headCount);
  const total = read(opened, structs.SEARCH_TAIL_TOTAL);
  const tail = tailShare(opened);
  const head = 1 - tail;
  const uniform = uniforms(opened, seed, abi.PURPOSE_SAMPLE);
  const scores = scoresAt(opened, draws, (j) => {
    const target = uniform(j);
    if (target >= head) return kernels.codePositionAt(layout, ((target - head) / tail) * total);
    return headPositions[lastAtMost(headPrefix, (target / head) * (headPrefix[headCount] as number))] as number;
  });
  const positions = new Int32Array(buffer, regions.drawPositions, draws);
  const classes = new Int32Array(buffer, plan.file + (header.tensors.ids?.begin ?? 0), header.facts.itemCount);
  return {
    ids: Int32Array.from(positions, (position) => classes[position] as number),
    scores,
    logQ: Float32Array.from(logQByCodes(opened, positions, scores)),
    scored: headCount + draws,
  };
}

/** Exact scores of the classes at the positions that `positionOf` gives; leaves the positions in the draw buffer. */
function scoresAt(opened: OpenedIndex, count: number, positionOf: (draw: number) => number): Float32Array {
  const { kernels, plan } = opened;
  const { drawPositions, drawScores } = plan.regions;
  const positions = new Int32Array(kernels.memory.buffer, drawPositions, count);
  for (let j = 0; j < count; j++) positions[j] = positionOf(j);
  kernels.scorePositions(plan.layout, drawPositions, count, drawScores);
  return new Float32Array(kernels.memory.buffer, drawScores, count).slice();
}
