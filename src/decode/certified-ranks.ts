import * as structs from "../../build/structs.ts";
import { certifyFrom, certifyTop, isQuicklyScanned } from "../answers/certified-top.ts";
import { DEFAULT_SCAN } from "../answers/options.ts";
import { proposeLeft } from "../answers/thinning.ts";
import { topOf } from "../answers/top.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { largestOf, reaching, scoreAll } from "./all-rows.ts";
import type { Stage } from "./chain.ts";
import { inverseOf } from "./masses.ts";
import { checkRanked, LEAST_ROOM, type Ranked, rankPositions } from "./ranked.ts";

// minP and topK need no log Z: the score that a class must reach follows from the best scores alone. Bounds exclude the
// classes that cannot reach it, as they do for the exact topK (docs/method.md, 5).

/** Ranks that were found, and the number of rows read for them. */
export interface FoundRanks {
  readonly ranked: Ranked;
  readonly scored: number;
}

/** The most classes that a call may rank: while the best are collected, and from all rows. */
export interface RankLimits {
  readonly maxK: number;
  readonly maxRanked: number;
}

/** A scan takes over if more classes are found than LEAST_ROOM and this many times the near ones of the head. */
const ROOM_RATIO = 4;

/** The part of the sizes of scores by which a least score is lowered, so that no rounding excludes a class. */
const ROUNDING = 2 ** -22;

/**
 * Finds all classes that the stages of minP and topK can keep, in the order of their ranks: all classes if there is no such
 * stage. The norms that bounds need must be measured.
 */
export function certifyRanks(opened: OpenedIndex, stages: readonly Stage[], limits: RankLimits): FoundRanks {
  const { maxK, maxRanked } = limits;
  const k = Math.min(...stages.map(({ by, value }) => (by === "topK" ? value : Number.POSITIVE_INFINITY)));
  const depth = depthOf(opened, stages);
  const isEndless = depth === Number.POSITIVE_INFINITY;
  if (isEndless && k < depth) return { scored: certifyTop(opened, k), ranked: topRanks(opened) };
  if (isEndless || isQuicklyScanned(opened)) return scanReaching(opened, depth, maxRanked);
  const { top, near, scored } = scoreHead(opened, depth);
  const room = Math.min(k, maxK, LEAST_ROOM + ROOM_RATIO * near);
  const { plan } = opened;
  opened.kernels.topPush(plan.layout, plan.regions.headPositions, plan.regions.headScores, scored, room);
  const isFull = read(opened, structs.SEARCH_TOP_COUNT) === room;
  const least = Math.max(leastScore(top, depth), isFull ? worstOf(opened) : Number.NEGATIVE_INFINITY);
  const found = { scored: scored + certifyFrom(opened, room, least), ranked: topRanks(opened) };
  const end = countReaching(found.ranked, depth);
  if (end < room || room === k) return { scored: found.scored, ranked: firstOf(found.ranked, end) };
  const scanned = scanReaching(opened, depth, maxRanked);
  return { scored: found.scored + scanned.scored, ranked: scanned.ranked };
}

/** Returns how far below the best score a class can be and be kept by minP: the least of the stages. */
function depthOf({ kernels }: OpenedIndex, stages: readonly Stage[]): number {
  const depths = stages.map(({ by, value, temperature }) =>
    by === "minP" ? -kernels.log64(value) / inverseOf(temperature) : Number.POSITIVE_INFINITY,
  );
  return Math.min(...depths);
}

/** Returns a score below which minP keeps no class, where `top` is a score that the best class reaches. */
const leastScore = (top: number, depth: number): number =>
  Math.fround(top - depth - ROUNDING * (Math.abs(top) + depth));

/** Scores the default head, and returns its best score and how many of its classes are near it. */
function scoreHead(
  opened: OpenedIndex,
  depth: number,
): { readonly top: number; readonly near: number; readonly scored: number } {
  const { kernels, plan } = opened;
  proposeLeft(opened, Math.min(DEFAULT_SCAN, plan.maxScan), 1);
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  const top = read(opened, structs.SEARCH_HEAD_MAX);
  const scored = read(opened, structs.SEARCH_HEAD_COUNT);
  const scores = new Float32Array(kernels.memory.buffer, plan.regions.headScores, scored);
  const least = leastScore(top, depth);
  let near = 0;
  for (let i = 0; i < scored; i++) if ((scores[i] as number) >= least) near++;
  return { top, near, scored };
}

/** Returns the worst of the best classes while they are collected. */
const worstOf = ({ kernels, plan }: OpenedIndex): number =>
  new Float32Array(kernels.memory.buffer, plan.regions.topScores, 1)[0] as number;

/** Copies the best classes that the last search left. */
function topRanks(opened: OpenedIndex): Ranked {
  const { ids, scores } = topOf(opened, true, 0);
  return { ids, scores };
}

/** Returns how many of the ranked classes are not too far below the first for minP. */
function countReaching({ scores }: Ranked, depth: number): number {
  const least = leastScore(scores[0] as number, depth);
  let count = scores.length;
  while (count > 1 && (scores[count - 1] as number) < least) count--;
  return count;
}

const firstOf = ({ ids, scores }: Ranked, count: number): Ranked => ({
  ids: ids.subarray(0, count),
  scores: scores.subarray(0, count),
});

/** Ranks the classes of all rows that are not too far below the best for minP. */
function scanReaching(opened: OpenedIndex, depth: number, maxRanked: number): FoundRanks {
  const rows = scoreAll(opened);
  const { positions, scores } = reaching(rows, leastScore(largestOf(rows.scores), depth));
  checkRanked(scores.length, maxRanked);
  return { ranked: rankPositions(opened, positions, scores), scored: rows.scores.length };
}
