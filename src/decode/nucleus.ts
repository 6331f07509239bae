import * as structs from "../../build/structs.ts";
import { isBeyondSpread } from "../answers/by-buckets.ts";
import { isQuicklyScanned } from "../answers/certified-top.ts";
import { estimate, type Scored } from "../answers/estimate.ts";
import { reachOf, worthOf } from "../answers/next-effort.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../answers/options.ts";
import { topOf } from "../answers/top.ts";
import { NORMAL_95 } from "../arithmetic/normal-95.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { FoundRanks, RankLimits } from "./certified-ranks.ts";
import type { Chain, Stage } from "./chain.ts";
import { type Cut, cutByEstimate, type EstimatedCut } from "./cut.ts";
import { exactMass, exactRanks } from "./exact-ranks.ts";
import { inverseOf, Masses } from "./masses.ts";
import { HEAD_GROWTH, type Ranked, rankPositions } from "./ranked.ts";
import { TruncatedRanks } from "./truncated-ranks.ts";

// topP as the first truncation needs log Z. An estimate says where the nucleus ends, its standard error how sure that is,
// and the draws from the tail how much of the nucleus the head lacks.

/** The number of the best classes that are ranked first: most nuclei have fewer. */
const FIRST = 64;

/** With `certain`, heads that guess where the nucleus ends have at most this share of all classes. */
const GUESS_SHARE = 2 ** -5;

/** A request for a nucleus. */
export interface NucleusRequest extends RankLimits {
  readonly chain: Chain;
  readonly certain: boolean;
  readonly targetError: number;
  readonly seed: bigint;
}

/**
 * Keeps the nucleus, or the part of it that the other stages keep. `certified` holds the ranks beyond which the other stages
 * keep nothing, if there are such stages.
 */
export function keepNucleus(opened: OpenedIndex, request: NucleusRequest, certified: FoundRanks | undefined): Cut {
  const { chain, certain, targetError } = request;
  const { stages } = chain;
  const stage = stages[0] as Stage;
  let scored = certified?.scored ?? 0;
  let guess = NO_GUESS;
  if (!isQuicklyScanned(opened) && !(certain && certified)) {
    for (const estimated of growingHeads(opened, request)) {
      scored += estimated.scored;
      const { doubt, ...cut } = cutBy(opened, chain, estimated, certified?.ranked);
      if (!certain && doubt <= targetError) return { ...cut, scored };
      if (!certain && isBeyondSpread(opened)) break; // so are the tails of larger heads
      if (certified) continue;
      guess = guessOf(opened, stage, estimated, cut.truncation);
      if (certain && guess.isClose) break;
    }
  }
  const exact = certified
    ? { ...exactMass(opened, certified.ranked, stage), ranked: certified.ranked }
    : exactRanks(opened, stage, guess.least, request.maxRanked);
  const truncation = new TruncatedRanks(opened.kernels, exact.ranked);
  const kept = truncation.keptBy(stages, exact.mass);
  return { truncation, kept, decided: "exact", undecided: 0, standardError: 0, scored: scored + exact.scored };
}

/** Estimates log Z with heads of growing size, up to those that are not worth their time. */
function* growingHeads(opened: OpenedIndex, { certain, seed, maxK }: NucleusRequest): Generator<Scored> {
  const { plan, conditions } = opened;
  const draws = Math.min(DEFAULT_DRAWS, plan.maxDraws);
  const reach = certain
    ? Math.min(plan.maxScan, conditions.allowedCount * GUESS_SHARE)
    : reachOf(opened, draws, worthOf(opened));
  let scan = Math.min(DEFAULT_SCAN, plan.maxScan);
  do {
    yield estimate(opened, Math.min(FIRST, maxK), { proposal: "buckets", scan, draws, seed });
    scan = Math.max(scan, 1) * HEAD_GROWTH;
  } while (scan <= reach);
}

/**
 * Cuts by an estimate of log Z: the ranks that are certified, or else those of the head. `doubt` is the share of the kept
 * mass that a standard error more or less would change, and that the draws say lies in the tail.
 */
function cutBy(
  opened: OpenedIndex,
  chain: Chain,
  { logPartition, standardError }: Scored,
  certified: Ranked | undefined,
): EstimatedCut {
  const { temperature, value } = chain.stages[0] as Stage;
  const best = certified ?? topOf(opened, false, 0);
  const top = (best.scores[0] as number) * inverseOf(temperature);
  // The estimate itself has a mass, also where its bar is infinite.
  const massAt = (bars: number): number => opened.kernels.exp64(logPartition + (bars && bars * standardError) - top);
  const isHeld = certified || new Masses(opened.kernels, best.scores, temperature).reaches(value * massAt(NORMAL_95));
  const truncation = new TruncatedRanks(opened.kernels, isHeld ? best : headRanks(opened));
  const unseenOf = (kept: number, lacks: number, at: number): number =>
    certified ? 0 : missingMass(opened, truncation, kept, lacks, { temperature, at });
  return cutByEstimate(truncation, chain, massAt, standardError, unseenOf);
}

/** The temperature of an estimate, whose draws and masses have it, and the one at which a mass is asked for. */
interface Temperatures {
  readonly temperature: number;
  readonly at: number;
}

/**
 * Estimates the mass of the nucleus that is not in the head, relative to the best class: the mass of the classes of the tail
 * that are better than the last one kept, and the mass that the head `lacks` if it is too small. Nobody knows the scores of
 * what it lacks, and so neither a larger mass at a hotter temperature.
 */
function missingMass(
  opened: OpenedIndex,
  { ranked: { scores } }: TruncatedRanks,
  kept: number,
  lacks: number,
  temperatures: Temperatures,
): number {
  const { temperature, at } = temperatures;
  if (lacks > 0 && at > temperature) return Number.POSITIVE_INFINITY;
  return tailMassAbove(opened, scores, kept, temperatures) + Math.max(0, lacks);
}

/** A guess of where a nucleus ends, made before all rows are read. */
interface Guess {
  /** The nucleus very probably has no class with a smaller score. */
  readonly least: number;
  readonly isClose: boolean;
}

const NO_GUESS: Guess = { least: Number.NEGATIVE_INFINITY, isClose: false };

/**
 * Guesses by the ranks of the head, or by the best of them if they are enough: the score at which the head alone has enough
 * mass for a log Z at the end of the bar. If it has less, all classes below the guess together have less than what topP
 * leaves out of the mass of the head.
 */
function guessOf(
  { kernels, conditions }: OpenedIndex,
  { value, temperature }: Stage,
  estimated: Scored,
  truncation: TruncatedRanks,
): Guess {
  const { scores } = truncation.ranked;
  const top = scores[0] as number;
  const inverse = inverseOf(temperature);
  const { logPartition, standardError } = estimated;
  const mass = value * kernels.exp64(logPartition + NORMAL_95 * standardError - top * inverse);
  const masses = truncation.at(temperature);
  const isClose = masses.reaches(mass);
  if (isClose) return { least: scores[masses.countTo(mass, scores.length) - 1] as number, isClose };
  const depth = kernels.log64(conditions.allowedCount / ((1 - value) * masses.of(scores.length)));
  return { least: top - depth / inverse, isClose };
}

/** Ranks the classes of the head in place. */
function headRanks(opened: OpenedIndex): Ranked {
  const { kernels, plan } = opened;
  const count = read(opened, structs.SEARCH_HEAD_COUNT);
  const { buffer } = kernels.memory;
  return rankPositions(
    opened,
    new Int32Array(buffer, plan.regions.headPositions, count),
    new Float32Array(buffer, plan.regions.headScores, count),
  );
}

/** Estimates the mass of the classes of the tail that are better than the last one kept, relative to the best. */
function tailMassAbove(
  opened: OpenedIndex,
  ranked: Float32Array,
  kept: number,
  { temperature, at }: Temperatures,
): number {
  const { kernels, plan } = opened;
  const { drawScores, drawLogQ, drawFactors } = plan.regions;
  const count = read(opened, structs.SEARCH_DRAW_COUNT);
  const scores = new Float32Array(kernels.memory.buffer, drawScores, count);
  const logs = new Float64Array(kernels.memory.buffer, drawLogQ, count);
  const factors = new Float64Array(kernels.memory.buffer, drawFactors, count);
  const least = ranked[kept - 1] as number;
  const logUnit = (ranked[0] as number) * inverseOf(at);
  const more = inverseOf(at) - inverseOf(temperature);
  let mass = 0;
  for (let j = 0; j < count; j++) {
    const [factor, score] = [factors[j] as number, scores[j] as number];
    // The other numbers of a draw with the factor 0 may be those of an earlier search.
    if (factor > 0 && score > least) mass += kernels.exp64((logs[j] as number) + score * more - logUnit) * factor;
  }
  return count > 0 ? mass / count : 0;
}
